package io.rafsd.storage.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Off-heap memory for chunks, in powers of two from 4 KiB on. Keeps up to a limit of unused memory; what is beyond it goes
 * back to the system at once. Safe for many threads.
 */
final class BufferPool implements AutoCloseable {

    private static final int SMALLEST_SHIFT = 12;
    private static final int CLASSES = 32 - SMALLEST_SHIFT;

    private final long keepBytes;
    private final AtomicLong kept = new AtomicLong();
    private final ConcurrentLinkedQueue<Slab>[] free;
    private volatile boolean closed;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generics cannot be made otherwise
    BufferPool(long keepBytes) {
        this.keepBytes = keepBytes;
        this.free = new ConcurrentLinkedQueue[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            free[i] = new ConcurrentLinkedQueue<>();
        }
    }

    /** Memory for {@code size} bytes with undefined contents, referred to once. */
    ChunkBytes take(int size) {
        int sizeClass = Math.max(0, 32 - Integer.numberOfLeadingZeros(Math.max(size, 1) - 1) - SMALLEST_SHIFT);
        Slab slab = free[sizeClass].poll();
        if (slab == null) {
            slab = allocate(sizeClass);
        } else {
            kept.addAndGet(-slab.bytes());
        }
        Slab taken = slab;
        return new ChunkBytes(taken.memory().asSlice(0, size), () -> giveBack(taken));
    }

    /** Want of memory is an answer here: it must fail reads, not threads. */
    @SuppressWarnings("MustBeClosedChecker") // the slab owns the arena; giveBack or close ends it
    private static Slab allocate(int sizeClass) {
        long size = 1L << (sizeClass + SMALLEST_SHIFT);
        Arena arena = Arena.ofShared();
        try {
            return new Slab(sizeClass, arena, arena.allocate(size, 64));
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new IllegalStateException("no memory for a chunk of " + size + " bytes", e);
        }
    }

    void giveBack(Slab slab) {
        if (closed || kept.addAndGet(slab.bytes()) > keepBytes) {
            if (!closed) {
                kept.addAndGet(-slab.bytes());
            }
            slab.arena.close();
            return;
        }
        free[slab.sizeClass].add(slab);
    }

    /** Frees what is unused; what is in use is freed when it is given back. */
    @Override
    public void close() {
        closed = true;
        for (ConcurrentLinkedQueue<Slab> queue : free) {
            for (Slab slab = queue.poll(); slab != null; slab = queue.poll()) {
                slab.arena.close();
            }
        }
    }

    /** One piece of memory with its own lifetime. */
    record Slab(int sizeClass, Arena arena, MemorySegment memory) {

        long bytes() {
            return memory.byteSize();
        }
    }
}
