package io.rafsd.codec;

import java.lang.foreign.MemorySegment;

/**
 * The work of BLAKE3 that can be done side by side: whole chunks, and pairs of chaining values. Holds scratch memory, so it
 * is for one thread at a time.
 */
interface Blake3Kernel {

    /**
     * Hashes whole chunks of 1 KiB.
     *
     * @param data may be on or off heap, at any alignment
     * @param first of the chunks, by its number
     * @param values receives the chaining value of chunk i, eight words, from 8 i on
     */
    void chunks(MemorySegment data, int first, int count, int[] values);

    /** Replaces pair i of the chaining values by its parent, from 8 i on. The root is no parent in this sense. */
    void parents(int[] values, int pairs);
}
