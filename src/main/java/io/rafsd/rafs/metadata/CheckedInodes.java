package io.rafsd.rafs.metadata;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Remembers which inodes have been found to keep their rules, so that each is checked once: a bit for each node number.
 * Safe for many threads; of two that check the same inode at once, both are right.
 */
final class CheckedInodes {

    private final AtomicLongArray words;

    /** @param limit above every node number */
    CheckedInodes(long limit) {
        words = new AtomicLongArray(Math.toIntExact(limit / Long.SIZE + 1));
    }

    boolean contains(long nid) {
        return (words.get((int) (nid >>> 6)) & 1L << nid) != 0;
    }

    void add(long nid) {
        words.accumulateAndGet((int) (nid >>> 6), 1L << nid, (known, bit) -> known | bit);
    }
}
