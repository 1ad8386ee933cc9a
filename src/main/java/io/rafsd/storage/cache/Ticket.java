package io.rafsd.storage.cache;

import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One chunk on its way. Readers leave their parts with it; when the chunk arrives, decoded and verified, all get their
 * bytes from memory, also those who come while it is being written to disk. Ends once: with the chunk stored, or with a
 * failure for everybody. Safe for many threads; nobody is called back under its lock.
 */
final class Ticket {

    private enum State {
        AWAITED,
        ARRIVED,
        ENDED
    }

    private final int chunk;
    private final LeasedBlobCache owner;
    private final ReadContext context;
    private State state = State.AWAITED;
    private List<Waiter> waiters = new ArrayList<>(1);
    private @Nullable ChunkBytes bytes;
    private boolean fromBackend;

    /**
     * @param owner whose backend is asked
     * @param context of the read that wants it first
     */
    Ticket(int chunk, LeasedBlobCache owner, ReadContext context) {
        this.chunk = chunk;
        this.owner = owner;
        this.context = context;
    }

    int chunk() {
        return chunk;
    }

    LeasedBlobCache owner() {
        return owner;
    }

    ReadContext context() {
        return context;
    }

    /** Whether its failure need not be that of a fetch which {@code read} would start now. */
    boolean isWeakerThan(PendingRead read) {
        boolean lessUrgent = context.cause().compareTo(read.context().cause()) > 0;
        boolean lessPatient = context.remainingNanos() == 0 && read.context().remainingNanos() > 0;
        return owner != read.owner() || lessUrgent || lessPatient;
    }

    synchronized boolean isAwaited() {
        return state == State.AWAITED;
    }

    /** Leaves a part with the ticket; false if it has ended. */
    boolean join(Waiter waiter) {
        ChunkBytes arrived;
        synchronized (this) {
            switch (state) {
                case AWAITED -> {
                    waiters.add(waiter);
                    return true;
                }
                case ENDED -> {
                    return false;
                }
                case ARRIVED -> {}
            }
            arrived = known(bytes).retain();
        }
        try {
            waiter.deliver(arrived.segment(), cameFromBackend());
        } finally {
            arrived.release();
        }
        return true;
    }

    private synchronized boolean cameFromBackend() {
        return fromBackend;
    }

    /** Hands the verified chunk to all who wait; keeps a reference of its own until it ends. */
    void arrive(ChunkBytes chunkBytes, boolean cameFromBackend) {
        List<Waiter> served;
        synchronized (this) {
            if (state != State.AWAITED) {
                return;
            }
            state = State.ARRIVED;
            fromBackend = cameFromBackend;
            bytes = chunkBytes.retain();
            served = waiters;
            waiters = List.of();
        }
        for (Waiter waiter : served) {
            waiter.deliver(chunkBytes.segment(), cameFromBackend);
        }
    }

    /** Ends a ticket whose chunk arrived. Call after it is out of the table of fetches. */
    boolean end() {
        ChunkBytes held;
        synchronized (this) {
            if (state != State.ARRIVED) {
                return false;
            }
            state = State.ENDED;
            held = known(bytes);
            bytes = null;
        }
        held.release();
        return true;
    }

    /** Ends a ticket whose chunk does not come. Call after it is out of the table of fetches. */
    boolean fail(IOException failure) {
        List<Waiter> failed;
        synchronized (this) {
            if (state != State.AWAITED) {
                return false;
            }
            state = State.ENDED;
            failed = waiters;
            waiters = List.of();
        }
        for (Waiter waiter : failed) {
            waiter.failed(this, failure);
        }
        return true;
    }

    private static ChunkBytes known(@Nullable ChunkBytes bytes) {
        if (bytes == null) {
            throw new IllegalStateException("an arrived chunk has bytes");
        }
        return bytes;
    }
}
