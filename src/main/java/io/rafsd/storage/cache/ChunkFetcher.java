package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.storage.backend.ReadCause;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets chunks whose tickets are fresh: from the local file if it says to have them and they prove right, else from the
 * backend. Never blocks its caller. Safe for many threads.
 */
final class ChunkFetcher {

    private static final Logger log = LoggerFactory.getLogger(ChunkFetcher.class);

    private final SharedBlob blob;
    private final LeasedBlobCache owner;
    private final ReadAhead readAhead;
    private final Neighbours neighbours;

    ChunkFetcher(SharedBlob blob, LeasedBlobCache owner, ReadAhead readAhead) {
        this.blob = blob;
        this.owner = owner;
        this.readAhead = readAhead;
        this.neighbours = new Neighbours(blob, owner);
    }

    /**
     * Starts what is needed for every ticket to end.
     *
     * @param amplifyBytes to fetch beyond the last one that is absent
     */
    void obtain(List<Ticket> fresh, ChunkTable table, long amplifyBytes, ReadContext context) {
        List<Ticket> absent = new ArrayList<>(fresh.size());
        for (Ticket ticket : fresh) {
            if (blob.store().isReady(ticket.chunk())) {
                checkLater(ticket, table, context);
            } else {
                absent.add(ticket);
            }
        }
        if (absent.isEmpty()) {
            return;
        }
        if (neighbours.areKnown()) {
            takeLater(absent, table, amplifyBytes, context);
        } else {
            plan(absent, table, amplifyBytes, context).forEach(this::start);
        }
    }

    private void takeLater(List<Ticket> absent, ChunkTable table, long amplifyBytes, ReadContext context) {
        try {
            blob.transit().threads().disk().execute(() -> {
                List<Ticket> rest = neighbours.takeHere(absent, table);
                if (!rest.isEmpty()) {
                    plan(rest, table, amplifyBytes, context).forEach(this::start);
                }
            });
        } catch (RejectedExecutionException e) {
            absent.forEach(ticket -> blob.inFlight()
                    .fail(ticket, LeasedBlobCache.closed(blob.files().id())));
        }
    }

    /** The requests for what no neighbour has either. For a thread that may wait. */
    List<Transfer> planMissing(List<Ticket> claimed, ChunkTable table, ReadContext context) {
        return plan(neighbours.take(claimed, table), table, 0, context);
    }

    /** The requests that bring these chunks and those that are added to them, not yet started. */
    List<Transfer> plan(List<Ticket> absent, ChunkTable table, long amplifyBytes, ReadContext context) {
        Map<Integer, Ticket> tickets = new HashMap<>();
        List<Integer> chunks = new ArrayList<>(absent.size());
        for (Ticket ticket : absent) {
            tickets.put(ticket.chunk(), ticket);
            chunks.add(ticket.chunk());
        }
        ReadContext ahead = new ReadContext(ReadCause.READ_AHEAD, context.deadlineNanos());
        List<FetchPlanner.Fetch> fetches;
        try {
            fetches = FetchPlanner.plan(table, chunks, amplifyBytes, chunk -> {
                boolean ours = claim(chunk, tickets, table, ahead);
                if (ours && amplifyBytes > 0 && tickets.size() == absent.size() + 1) {
                    readAhead.mark(chunk);
                }
                return ours;
            });
        } catch (RuntimeException e) {
            // Also what was claimed on the way: nobody else would start it.
            IOException failure = new IOException("blob " + owner.id() + ": a fetch could not be planned: " + e, e);
            tickets.values().forEach(ticket -> blob.inFlight().fail(ticket, failure));
            throw e;
        }
        List<Transfer> transfers = new ArrayList<>(fetches.size());
        for (FetchPlanner.Fetch fetch : fetches) {
            List<Ticket> carried = fetch.chunks().stream().map(tickets::get).toList();
            transfers.add(new Transfer(blob, owner, table, fetch, carried, context));
        }
        return transfers;
    }

    private boolean claim(int chunk, Map<Integer, Ticket> tickets, ChunkTable table, ReadContext ahead) {
        Ticket mine = claimAbsent(chunk, table, ahead);
        if (mine == null) {
            return false;
        }
        tickets.put(chunk, mine);
        return true;
    }

    /** Fetches the window behind a chunk that was read, on another thread. */
    void fetchBehind(int chunk, ChunkTable table) {
        try {
            blob.transit().threads().transfer().execute(() -> {
                ReadContext context =
                        new ReadContext(ReadCause.READ_AHEAD, System.nanoTime() + ReadAhead.PATIENCE.toNanos());
                List<Ticket> claimed =
                        readAhead.claimBehind(chunk, table, behind -> claimAbsent(behind, table, context));
                if (!claimed.isEmpty()) {
                    planMissing(claimed, table, context).forEach(this::start);
                }
            });
        } catch (RejectedExecutionException e) {
            // Closed: nobody reads on.
        }
    }

    /** A ticket for a chunk that is absent and that nobody fetches, else null. */
    @Nullable
    Ticket claimAbsent(int chunk, ChunkTable table, ReadContext context) {
        if (owner.isClosed() || !owner.canProve(chunk) || blob.store().isReady(chunk)) {
            return null;
        }
        Ticket mine = new Ticket(chunk, owner, context);
        if (blob.inFlight().claim(mine) != mine) {
            return null;
        }
        if (blob.store().isReady(chunk)) {
            // It was stored between the look and the claim, and somebody may have joined already.
            checkLater(mine, table, context);
            return null;
        }
        return mine;
    }

    void start(Transfer transfer) {
        try {
            blob.transit().threads().transfer().execute(transfer);
        } catch (RejectedExecutionException e) {
            transfer.refuse(LeasedBlobCache.closed(blob.files().id()));
        }
    }

    private void checkLater(Ticket ticket, ChunkTable table, ReadContext context) {
        try {
            blob.transit().threads().disk().execute(() -> check(ticket, table, context));
        } catch (RejectedExecutionException e) {
            blob.inFlight().fail(ticket, LeasedBlobCache.closed(blob.files().id()));
        }
    }

    private void check(Ticket ticket, ChunkTable table, ReadContext context) {
        try {
            if (!arrivesFromDisk(ticket, table)) {
                plan(neighbours.takeHere(List.of(ticket), table), table, 0, context)
                        .forEach(this::start);
            }
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("blob", owner.id()).log("a cached chunk could not be checked");
            blob.inFlight().fail(ticket, new IOException("blob " + owner.id() + ": " + e, e));
        }
    }

    private boolean arrivesFromDisk(Ticket ticket, ChunkTable table) {
        int chunk = ticket.chunk();
        ChunkBytes bytes = blob.transit().buffers().take(table.uncompressedSize(chunk));
        try {
            ChunkStore.Found found = blob.store()
                    .check(
                            chunk,
                            table.uncompressedOffset(chunk),
                            bytes.segment(),
                            owner.source().info().digester(),
                            owner.source().digests().of(chunk));
            if (!isThere(found, chunk)) {
                return false;
            }
            ticket.arrive(bytes, false);
            blob.inFlight().end(ticket);
            return true;
        } finally {
            bytes.release();
        }
    }

    private boolean isThere(ChunkStore.Found found, int chunk) {
        return switch (found) {
            case RECORDED -> true;
            case DIGESTED -> {
                owner.stats().chunksVerified.increment();
                yield true;
            }
            case CORRUPT -> {
                owner.stats().cacheCorruptions.increment();
                log.atWarn()
                        .addKeyValue("blob", owner.id())
                        .addKeyValue("chunk", chunk)
                        .log("cached chunk is not what the image says, fetching it again");
                yield false;
            }
            case ABSENT -> false;
        };
    }
}
