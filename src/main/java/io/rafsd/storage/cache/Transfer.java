package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadCause;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One request to the backend. Each {@link Stretch} goes on its way as soon as its bytes are there, while the rest still
 * comes. Runs on a virtual thread.
 */
final class Transfer implements Runnable {

    private final SharedBlob blob;
    private final LeasedBlobCache owner;
    private final ChunkTable table;
    private final FetchPlanner.Fetch fetch;
    private final List<Ticket> tickets;
    private final ReadContext context;
    private final CountDownLatch ended;

    /** @param tickets of the fetch's chunks, in its order */
    Transfer(
            SharedBlob blob,
            LeasedBlobCache owner,
            ChunkTable table,
            FetchPlanner.Fetch fetch,
            List<Ticket> tickets,
            ReadContext context) {
        this.blob = blob;
        this.owner = owner;
        this.table = table;
        this.fetch = fetch;
        this.tickets = tickets;
        this.context = context;
        this.ended = new CountDownLatch(tickets.size());
    }

    @Override
    public void run() {
        try (Overdue _ = new Overdue(blob, tickets, context)) {
            List<UnitArrival> arrivals;
            try {
                arrivals = arrivals();
                blob.transit()
                        .budget()
                        .take(arrivals.stream().mapToLong(UnitArrival::cost).sum(), context);
            } catch (IOException | RuntimeException e) {
                refuse(asFailure(e));
                return;
            }
            receive(arrivals);
        }
    }

    /** Waits until every chunk is stored or given up, or nobody wants to wait any longer. */
    void awaitEnd() {
        boolean interrupted = false;
        for (long left = context.remainingNanos(); left > 0; left = context.remainingNanos()) {
            try {
                boolean ignored = ended.await(left, TimeUnit.NANOSECONDS);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The digests are asked for while the mount is surely there; it may go while chunks are on their way. */
    private List<UnitArrival> arrivals() {
        List<UnitArrival> arrivals = new ArrayList<>(tickets.size());
        for (Ticket ticket : tickets) {
            StoredUnit unit = table.unit(ticket.chunk());
            if (arrivals.isEmpty() || arrivals.getLast().unit().firstChunk() != unit.firstChunk()) {
                arrivals.add(new UnitArrival(blob, owner, unit));
            }
            UnitArrival arrival = arrivals.getLast();
            arrival.add(new ChunkArrival(
                    blob, table, ticket, arrival, owner.source().digests().of(ticket.chunk()), ended::countDown));
        }
        return arrivals;
    }

    /** Ends it before it has begun. */
    void refuse(IOException failure) {
        for (Ticket ticket : tickets) {
            blob.inFlight().fail(ticket, failure);
            ended.countDown();
        }
    }

    private void receive(List<UnitArrival> arrivals) {
        int received = 0;
        boolean ahead = context.cause() == ReadCause.PREFETCH;
        owner.stats().fetchedBytes.add(fetch.range().length());
        if (ahead) {
            owner.stats().prefetchBegins(fetch.range().length());
        }
        try (BlobStream stream = owner.source().reader().open(fetch.range(), context)) {
            long position = fetch.range().offset();
            while (received < arrivals.size()) {
                int end = Stretch.end(arrivals, received, table);
                Stretch stretch = new Stretch(blob, table, arrivals.subList(received, end));
                skip(stream, stretch.offset() - position);
                ChunkBytes stored = blob.transit().buffers().take(stretch.storedSize());
                try {
                    stream.readFully(stored.segment());
                } catch (IOException | RuntimeException e) {
                    stored.release();
                    throw e;
                }
                position = stretch.offset() + stretch.storedSize();
                received = end;
                stretch.received(stored);
            }
        } catch (IOException | RuntimeException e) {
            IOException failure = asFailure(e);
            for (UnitArrival missing : arrivals.subList(received, arrivals.size())) {
                missing.failed(failure);
            }
        }
        if (ahead) {
            owner.stats().prefetchEnds();
        }
    }

    private void skip(BlobStream stream, long bytes) throws IOException {
        if (bytes == 0) {
            return;
        }
        ChunkBytes dropped = blob.transit().buffers().take(Math.toIntExact(bytes));
        try {
            MemorySegment rest = dropped.segment();
            stream.readFully(rest);
        } finally {
            dropped.release();
        }
    }

    private IOException asFailure(Exception e) {
        return e instanceof IOException known
                ? known
                : new IOException("blob " + blob.files().id() + ": a transfer broke down: " + e, e);
    }
}
