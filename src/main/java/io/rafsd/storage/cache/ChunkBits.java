package io.rafsd.storage.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/** A bit per chunk. Reads take no lock and allocate nothing; safe for many threads. */
final class ChunkBits {

    private final AtomicLongArray words;

    ChunkBits(int bits) {
        words = new AtomicLongArray((bits + 63) >>> 6);
    }

    boolean get(int bit) {
        return (words.get(bit >>> 6) & 1L << bit) != 0;
    }

    /** Whether all bits from {@code first} to {@code last} are set. */
    boolean areSet(int first, int last) {
        for (int bit = first; bit <= last; bit++) {
            if (!get(bit)) {
                return false;
            }
        }
        return true;
    }

    void set(int bit) {
        words.getAndAccumulate(bit >>> 6, 1L << bit, (word, mask) -> word | mask);
    }

    void clear(int bit) {
        words.getAndAccumulate(bit >>> 6, 1L << bit, (word, mask) -> word & ~mask);
    }

    int count() {
        int count = 0;
        for (int i = 0; i < words.length(); i++) {
            count += Long.bitCount(words.get(i));
        }
        return count;
    }
}
