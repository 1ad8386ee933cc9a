package io.rafsd.storage.cache;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Lets many readers of one missing chunk share a single fetch: each leaves its part with the chunk's {@link Ticket} and
 * goes; the fetch completes all of them with the same bytes or the same failure. No ticket outlives its fetch, nor the
 * deadline of that. Safe for many threads.
 */
final class InFlightFetches {

    private final ConcurrentMap<Integer, Ticket> tickets = new ConcurrentHashMap<>();

    /** Joins the fetch of the waiter's chunk; if there is none, a new one, which the caller starts, is put to {@code fresh}. */
    void join(Waiter waiter, List<Ticket> fresh) {
        PendingRead read = waiter.read();
        while (true) {
            Ticket mine = new Ticket(waiter.slice().chunk(), read.owner(), read.context());
            Ticket known = claim(mine);
            if (known.join(waiter)) {
                if (known == mine) {
                    fresh.add(mine);
                }
                return;
            }
            // Ended in between; whoever ended it took it out of the table before.
        }
    }

    /** Claims a chunk that nobody fetches; returns the ticket that holds it, {@code mine} if it is free. */
    Ticket claim(Ticket mine) {
        Ticket known = tickets.putIfAbsent(mine.chunk(), mine);
        if (known != null) {
            return known;
        }
        mine.owner().stats().inFlight.increment();
        return mine;
    }

    /** Ends the fetch of a chunk that arrived. */
    void end(Ticket ticket) {
        remove(ticket);
        ticket.end();
    }

    /** Ends the fetch of a chunk that does not come. */
    void fail(Ticket ticket, IOException failure) {
        remove(ticket);
        ticket.fail(failure);
    }

    /**
     * Gives a fetch up whose mount goes. A chunk that has arrived is still being stored and ends by itself.
     */
    void abandon(Ticket ticket, IOException failure) {
        if (ticket.isAwaited()) {
            fail(ticket, failure);
        }
    }

    private void remove(Ticket ticket) {
        if (tickets.remove(ticket.chunk(), ticket)) {
            ticket.owner().stats().inFlight.decrement();
        }
    }

    List<Ticket> ownedBy(LeasedBlobCache owner) {
        List<Ticket> owned = new ArrayList<>();
        for (Ticket ticket : tickets.values()) {
            if (ticket.owner() == owner) {
                owned.add(ticket);
            }
        }
        return owned;
    }

    int size() {
        return tickets.size();
    }
}
