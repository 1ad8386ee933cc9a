package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Up to {@link LaneRows#LANES} chunks or pairs side by side; what is left over goes one by one. */
final class LaneKernel implements Blake3Kernel {

    /** With fewer lanes, laying the words out in rows costs more than the vectors save. */
    static final int FEWEST = 16;

    private static final int CV = Blake3Block.CHAINING_WORDS;

    private final LaneRows rows;
    private final ScalarKernel scalar = new ScalarKernel();
    /** Chunks as words: one copy of many is several times faster than reading the segment word by word. */
    private final int[] words = new int[LaneRows.LANES * ScalarKernel.CHUNK_WORDS];

    LaneKernel(List<LaneRounds.Round> rounds) {
        this.rows = new LaneRows(rounds);
    }

    @Override
    public void chunks(MemorySegment data, int first, int count, int[] values) {
        int end = first + count;
        int chunk = first;
        while (end - chunk >= FEWEST) {
            int lanes = Math.min(LaneRows.LANES, end - chunk);
            chunksInLanes(data, chunk, lanes, values);
            chunk += lanes;
        }
        scalar.chunks(data, chunk, end - chunk, values);
    }

    private void chunksInLanes(MemorySegment data, int first, int lanes, int[] values) {
        long offset = (long) first * ScalarKernel.CHUNK;
        MemorySegment.copy(data, ScalarKernel.LITTLE_ENDIAN, offset, words, 0, lanes * ScalarKernel.CHUNK_WORDS);
        rows.initialise(lanes);
        int last = ScalarKernel.CHUNK_WORDS - Blake3Block.BLOCK_WORDS;
        for (int block = 0; block <= last; block += Blake3Block.BLOCK_WORDS) {
            rows.load(words, block, ScalarKernel.CHUNK_WORDS, lanes);
            int flags = (block == 0 ? Blake3Block.CHUNK_START : 0) | (block == last ? Blake3Block.CHUNK_END : 0);
            rows.compressChunks(first, flags, lanes);
        }
        rows.store(values, first * CV, lanes);
    }

    @Override
    public void parents(int[] values, int pairs) {
        int pair = 0;
        while (pairs - pair >= FEWEST) {
            int lanes = Math.min(LaneRows.LANES, pairs - pair);
            rows.initialise(lanes);
            rows.load(values, pair * 2 * CV, 2 * CV, lanes);
            rows.compressParents(lanes);
            rows.store(values, pair * CV, lanes);
            pair += lanes;
        }
        scalar.parents(values, pair, pairs);
    }
}
