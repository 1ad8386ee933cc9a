package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * BLAKE3 in plain hash mode, 32 bytes out. Chunks of 1 KiB are hashed to chaining values, which are then paired level by
 * level; an odd one is carried up, and the last pair is the root. That is the tree of the specification without recursion.
 * Safe for many threads.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification</a>
 */
final class Blake3 {

    static final int CHUNK = 1024;
    private static final int BLOCK = 64;
    private static final int CHUNK_WORDS = CHUNK / 4;
    private static final int CV = Blake3Block.CHAINING_WORDS;
    private static final ValueLayout.OfInt LITTLE_ENDIAN =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final Pool<Scratch> SCRATCH = new Pool<>(Scratch::new);

    private Blake3() {}

    static Digest digest(MemorySegment data) {
        Scratch scratch = SCRATCH.take();
        try {
            return digest(data, scratch);
        } finally {
            SCRATCH.give(scratch);
        }
    }

    private static Digest digest(MemorySegment data, Scratch scratch) {
        int chunks = Math.toIntExact(Math.max(1, (data.byteSize() + CHUNK - 1) / CHUNK));
        int[] values = scratch.values(chunks);
        if (chunks == 1) {
            hashChunk(data, 0, scratch.words, values, Blake3Block.ROOT);
            return toDigest(values);
        }
        for (int chunk = 0; chunk < chunks; chunk++) {
            hashChunk(data, chunk, scratch.words, values, 0);
        }
        return toDigest(reduce(values, chunks, scratch.words));
    }

    /** Leaves the chaining value of one chunk in its place in {@code values}. */
    private static void hashChunk(MemorySegment data, int chunk, int[] words, int[] values, int rootFlag) {
        long offset = (long) chunk * CHUNK;
        int length = (int) Math.min(CHUNK, data.byteSize() - offset);
        load(data, offset, length, words);
        int at = chunk * CV;
        Blake3Block.initialise(values, at);
        int blocks = Math.max(1, (length + BLOCK - 1) / BLOCK);
        for (int block = 0; block < blocks; block++) {
            int flags = (block == 0 ? Blake3Block.CHUNK_START : 0)
                    | (block == blocks - 1 ? Blake3Block.CHUNK_END | rootFlag : 0);
            Blake3Block.compress(
                    words,
                    block * Blake3Block.BLOCK_WORDS,
                    values,
                    at,
                    chunk,
                    Math.min(BLOCK, length - block * BLOCK),
                    flags,
                    values,
                    at);
        }
    }

    /** Copies a chunk's bytes as words; what is missing in its last block is zero. */
    private static void load(MemorySegment data, long offset, int length, int[] words) {
        int full = length / 4;
        MemorySegment.copy(data, LITTLE_ENDIAN, offset, words, 0, full);
        if (full == CHUNK_WORDS) {
            return;
        }
        int last = 0;
        for (int i = full * 4; i < length; i++) {
            last |= (data.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFF) << (8 * (i & 3));
        }
        int end = Math.max(1, (length + BLOCK - 1) / BLOCK) * Blake3Block.BLOCK_WORDS;
        if (full < end) {
            words[full] = last;
            Arrays.fill(words, full + 1, end, 0);
        }
    }

    /** Pairs chaining values until one is left, at index 0. */
    private static int[] reduce(int[] values, int count, int[] words) {
        int level = count;
        while (level > 1) {
            int flags = Blake3Block.PARENT | (level == 2 ? Blake3Block.ROOT : 0);
            int pairs = level / 2;
            for (int pair = 0; pair < pairs; pair++) {
                System.arraycopy(values, pair * 2 * CV, words, 0, 2 * CV);
                int to = pair * CV;
                Blake3Block.initialise(values, to);
                Blake3Block.compress(words, 0, values, to, 0, BLOCK, flags, values, to);
            }
            if ((level & 1) == 1) {
                System.arraycopy(values, (level - 1) * CV, values, pairs * CV, CV);
            }
            level = pairs + (level & 1);
        }
        return values;
    }

    private static Digest toDigest(int[] words) {
        return new Digest(
                pair(words[0], words[1]), pair(words[2], words[3]), pair(words[4], words[5]), pair(words[6], words[7]));
    }

    /** Two little-endian words as one big-endian long. */
    private static long pair(int first, int second) {
        return ((long) Integer.reverseBytes(first) << 32) | (Integer.reverseBytes(second) & 0xFFFF_FFFFL);
    }

    /** What one digest needs besides its input: reused, grown to the largest input so far. One thread at a time. */
    private static final class Scratch {

        final int[] words = new int[CHUNK_WORDS];
        private int[] values = new int[CV];

        int[] values(int chunks) {
            if (values.length < chunks * CV) {
                values = new int[chunks * CV];
            }
            return values;
        }
    }
}
