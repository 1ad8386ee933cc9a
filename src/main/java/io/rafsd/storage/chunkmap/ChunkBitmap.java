package io.rafsd.storage.chunkmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/** One bit a chunk, in memory. Who sees a bit sees what was written before it was set. Safe for many threads. */
final class ChunkBitmap {

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] words;
    private final int size;
    private final AtomicInteger count = new AtomicInteger();

    ChunkBitmap(int size) {
        this.size = size;
        this.words = new long[(size + 63) >>> 6];
    }

    int size() {
        return size;
    }

    boolean get(int chunk) {
        return ((long) WORDS.getAcquire(words, word(chunk)) & 1L << chunk) != 0;
    }

    /** @return false if it was set before */
    boolean set(int chunk) {
        long before = (long) WORDS.getAndBitwiseOr(words, word(chunk), 1L << chunk);
        boolean changed = (before & 1L << chunk) == 0;
        if (changed) {
            count.incrementAndGet();
        }
        return changed;
    }

    /** @return false if it was clear before */
    boolean clear(int chunk) {
        long before = (long) WORDS.getAndBitwiseAnd(words, word(chunk), ~(1L << chunk));
        boolean changed = (before & 1L << chunk) != 0;
        if (changed) {
            count.decrementAndGet();
        }
        return changed;
    }

    /** Bits that are set. */
    int count() {
        return count.get();
    }

    private int word(int chunk) {
        if (chunk < 0 || chunk >= size) {
            throw new IndexOutOfBoundsException("chunk " + chunk + " of " + size);
        }
        return chunk >>> 6;
    }
}
