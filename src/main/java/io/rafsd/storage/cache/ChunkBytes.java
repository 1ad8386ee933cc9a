package io.rafsd.storage.cache;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pooled memory that goes back to its pool when nobody refers to it any more, or a part of such memory, which keeps the
 * whole. Made with one reference. Safe for many threads.
 */
final class ChunkBytes {

    private final Runnable unused;
    private final MemorySegment segment;
    private final AtomicInteger references = new AtomicInteger(1);

    /** @param unused told when nobody refers to it any more */
    ChunkBytes(MemorySegment segment, Runnable unused) {
        this.segment = segment;
        this.unused = unused;
    }

    /** A part of it, referred to once. Only by one who holds a reference to this. */
    ChunkBytes part(long offset, long size) {
        return new ChunkBytes(segment.asSlice(offset, size), retain()::release);
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
            unused.run();
        }
    }
}
