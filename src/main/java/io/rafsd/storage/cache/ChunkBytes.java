package io.rafsd.storage.cache;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pooled memory that holds one chunk and goes back to its pool when nobody refers to it any more. Made with one
 * reference. Safe for many threads.
 */
final class ChunkBytes {

    private final BufferPool pool;
    private final BufferPool.Slab slab;
    private final MemorySegment segment;
    private final AtomicInteger references = new AtomicInteger(1);

    ChunkBytes(BufferPool pool, BufferPool.Slab slab, int size) {
        this.pool = pool;
        this.slab = slab;
        this.segment = slab.memory().asSlice(0, size);
    }

    MemorySegment segment() {
        return segment;
    }

    /** Only by one who holds a reference. */
    ChunkBytes retain() {
        references.incrementAndGet();
        return this;
    }

    void release() {
        if (references.decrementAndGet() == 0) {
            pool.giveBack(slab);
        }
    }
}
