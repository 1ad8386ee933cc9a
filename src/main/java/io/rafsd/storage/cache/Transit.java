package io.rafsd.storage.cache;

import java.util.concurrent.Semaphore;

/**
 * What chunks need on their way, shared by all blobs.
 *
 * @param threads that carry them
 * @param budget for their memory
 * @param buffers they travel in
 * @param writeBehind what waits to be written
 * @param prefetches how many requests may be under way that nobody waits for
 */
record Transit(
        CacheThreads threads, MemoryBudget budget, BufferPool buffers, WriteBehind writeBehind, Semaphore prefetches)
        implements AutoCloseable {

    private static final int PREFETCHES = 4;
    private static final long POOLED_BYTES = 16L << 20;

    static Transit within(long memoryBytes) {
        return new Transit(
                new CacheThreads(),
                new MemoryBudget(memoryBytes),
                new BufferPool(Math.min(POOLED_BYTES, memoryBytes)),
                new WriteBehind(memoryBytes / 2),
                new Semaphore(PREFETCHES));
    }

    @Override
    public void close() {
        threads.close();
        buffers.close();
    }
}
