package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One chunk, one pair after the other. For small inputs, for what is left over, and until the lanes are warm. */
final class ScalarKernel implements Blake3Kernel {

    static final int CHUNK = 1024;
    static final int CHUNK_WORDS = CHUNK / 4;
    static final ValueLayout.OfInt LITTLE_ENDIAN = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int BLOCK = 64;
    private static final int CV = Blake3Block.CHAINING_WORDS;

    private final int[] words = new int[CHUNK_WORDS];

    @Override
    public void chunks(MemorySegment data, int first, int count, int[] values) {
        for (int chunk = first; chunk < first + count; chunk++) {
            chunk(data, chunk, 0, values);
        }
    }

    @Override
    public void parents(int[] values, int pairs) {
        parents(values, 0, pairs);
    }

    /** As {@link #parents(int[], int)}, for those from {@code first} on. */
    void parents(int[] values, int first, int pairs) {
        for (int pair = first; pair < pairs; pair++) {
            parent(values, pair, 0);
        }
    }

    /** One chunk, which may be short or empty if it is the last. */
    void chunk(MemorySegment data, int chunk, int rootFlag, int[] values) {
        long offset = (long) chunk * CHUNK;
        int length = (int) Math.min(CHUNK, data.byteSize() - offset);
        load(data, offset, length);
        int at = chunk * CV;
        Blake3Block.initialise(values, at);
        int blocks = Math.max(1, (length + BLOCK - 1) / BLOCK);
        for (int block = 0; block < blocks; block++) {
            int flags = (block == 0 ? Blake3Block.CHUNK_START : 0)
                    | (block == blocks - 1 ? Blake3Block.CHUNK_END | rootFlag : 0);
            int left = Math.min(BLOCK, length - block * BLOCK);
            Blake3Block.compress(words, block * Blake3Block.BLOCK_WORDS, values, at, chunk, left, flags);
        }
    }

    /** One pair. */
    void parent(int[] values, int pair, int rootFlag) {
        System.arraycopy(values, pair * 2 * CV, words, 0, 2 * CV);
        int to = pair * CV;
        Blake3Block.initialise(values, to);
        Blake3Block.compress(words, 0, values, to, 0, BLOCK, Blake3Block.PARENT | rootFlag);
    }

    /** Copies a chunk's bytes as words; what is missing in its last block is zero. */
    private void load(MemorySegment data, long offset, int length) {
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
}
