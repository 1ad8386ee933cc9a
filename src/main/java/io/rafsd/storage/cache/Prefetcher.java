package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings a range of chunks to disk, some megabytes after the other, each stored before the next begins; so a reader who needs
 * one of them joins a request that is under way and never a queue. Each call runs on a virtual thread of its own.
 */
final class Prefetcher {

    private static final long LONGEST_REQUEST_NANOS = 60_000_000_000L;

    private final SharedBlob blob;
    private final LeasedBlobCache owner;
    private final ChunkFetcher fetcher;

    Prefetcher(SharedBlob blob, LeasedBlobCache owner, ChunkFetcher fetcher) {
        this.blob = blob;
        this.owner = owner;
        this.fetcher = fetcher;
    }

    void run(int firstChunk, int lastChunk, ReadContext context) {
        ChunkTable table = awaitTable(context);
        if (table == null) {
            return;
        }
        int last = Math.min(lastChunk, table.chunkCount() - 1);
        for (int chunk = Math.max(0, firstChunk); chunk <= last && !owner.isClosed(); ) {
            if (context.remainingNanos() == 0) {
                return;
            }
            blob.transit().prefetches().acquireUninterruptibly();
            try {
                chunk = fetchFrom(chunk, last, table, patience(context));
            } finally {
                blob.transit().prefetches().release();
            }
        }
    }

    /** Fetches the next request's worth of absent chunks; returns the chunk after it. */
    private int fetchFrom(int first, int last, ChunkTable table, ReadContext context) {
        List<Ticket> claimed = new ArrayList<>();
        long bytes = 0;
        int chunk = first;
        for (; chunk <= last && bytes < FetchPlanner.LARGEST_REQUEST; chunk++) {
            Ticket mine = fetcher.claimAbsent(chunk, table, context);
            if (mine != null) {
                claimed.add(mine);
                StoredUnit unit = table.unit(chunk);
                bytes += unit.storedSize() / (unit.lastChunk() - unit.firstChunk() + 1);
            }
        }
        List<Transfer> transfers = fetcher.planMissing(claimed, table, context);
        transfers.forEach(fetcher::start);
        transfers.forEach(Transfer::awaitEnd);
        return chunk;
    }

    /** A reader may join: no request may hang as long as a whole prefetch may take. */
    private static ReadContext patience(ReadContext context) {
        ReadContext one = new ReadContext(context.cause(), System.nanoTime() + LONGEST_REQUEST_NANOS);
        return one.remainingNanos() < context.remainingNanos() ? one : context;
    }

    private @Nullable ChunkTable awaitTable(ReadContext context) {
        ChunkTable known = owner.table().ifLoaded();
        if (known != null) {
            return known;
        }
        TableWaiting waiting =
                new TableWaiting(owner, context, new AtomicReference<@Nullable ChunkTable>(), new CountDownLatch(1));
        owner.table().whenLoaded(waiting);
        return waiting.await();
    }

    /** Parks a prefetch until the chunk table is there. */
    private record TableWaiting(
            LeasedBlobCache owner,
            ReadContext context,
            AtomicReference<@Nullable ChunkTable> table,
            CountDownLatch over)
            implements LazyChunkTable.Waiting {

        @Override
        public void loaded(ChunkTable loaded) {
            table.set(loaded);
            over.countDown();
        }

        @Override
        public void failed(IOException failure) {
            over.countDown();
        }

        @Nullable
        ChunkTable await() {
            try {
                boolean ignored = over.await(context.remainingNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return table.get();
        }
    }
}
