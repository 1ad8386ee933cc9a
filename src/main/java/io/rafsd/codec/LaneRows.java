package io.rafsd.codec;

import java.util.Arrays;
import java.util.List;

/**
 * The compression function over up to {@link #LANES} inputs side by side. Word k of all inputs lies in one row, so that a
 * step on one word is a loop over a row. All rows are in one array: the 16 of the state, the 16 of the message, the eight
 * of the chaining values. For one thread at a time.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification, sections 2.2 and 5.3</a>
 */
final class LaneRows {

    static final int LANES = 256;
    /** From one row to the next: not a power of two, else the rows share the same few sets of the first cache. */
    static final int STRIDE = LANES + 16;

    static final int STATE = 0;
    static final int MESSAGE = 16 * STRIDE;
    private static final int CHAINING = 32 * STRIDE;
    private static final int ROWS = 40;

    private static final int BLOCK_LENGTH = 64;

    private final LaneRounds.Round[] rounds;
    private final int[] rows = new int[ROWS * STRIDE];

    LaneRows(List<LaneRounds.Round> rounds) {
        this.rounds = rounds.toArray(LaneRounds.Round[]::new);
    }

    /** Sets the chaining values of the first lanes to the initial one. */
    void initialise(int lanes) {
        fill(CHAINING, lanes, Blake3Block.IV0);
        fill(CHAINING + STRIDE, lanes, Blake3Block.IV1);
        fill(CHAINING + 2 * STRIDE, lanes, Blake3Block.IV2);
        fill(CHAINING + 3 * STRIDE, lanes, Blake3Block.IV3);
        fill(CHAINING + 4 * STRIDE, lanes, Blake3Block.IV4);
        fill(CHAINING + 5 * STRIDE, lanes, Blake3Block.IV5);
        fill(CHAINING + 6 * STRIDE, lanes, Blake3Block.IV6);
        fill(CHAINING + 7 * STRIDE, lanes, Blake3Block.IV7);
    }

    /**
     * Takes one block of 16 words for each lane.
     *
     * @param at where the first lane's block begins
     * @param step from one lane's block to the next
     */
    void load(int[] words, int at, int step, int lanes) {
        for (int lane = 0; lane < lanes; lane++) {
            int from = at + lane * step;
            int to = MESSAGE + lane;
            // Written out: as a loop it takes half as long again.
            rows[to] = words[from];
            rows[to + STRIDE] = words[from + 1];
            rows[to + 2 * STRIDE] = words[from + 2];
            rows[to + 3 * STRIDE] = words[from + 3];
            rows[to + 4 * STRIDE] = words[from + 4];
            rows[to + 5 * STRIDE] = words[from + 5];
            rows[to + 6 * STRIDE] = words[from + 6];
            rows[to + 7 * STRIDE] = words[from + 7];
            rows[to + 8 * STRIDE] = words[from + 8];
            rows[to + 9 * STRIDE] = words[from + 9];
            rows[to + 10 * STRIDE] = words[from + 10];
            rows[to + 11 * STRIDE] = words[from + 11];
            rows[to + 12 * STRIDE] = words[from + 12];
            rows[to + 13 * STRIDE] = words[from + 13];
            rows[to + 14 * STRIDE] = words[from + 14];
            rows[to + 15 * STRIDE] = words[from + 15];
        }
    }

    /** Compresses the full blocks that were loaded, as those of consecutive chunks. */
    void compressChunks(int firstChunk, int flags, int lanes) {
        begin(flags, lanes);
        for (int lane = 0; lane < lanes; lane++) {
            rows[12 * STRIDE + lane] = firstChunk + lane;
        }
        rounds(lanes);
    }

    /** Compresses the full blocks that were loaded, as pairs of chaining values. */
    void compressParents(int lanes) {
        begin(Blake3Block.PARENT, lanes);
        fill(12 * STRIDE, lanes, 0);
        rounds(lanes);
    }

    /** Leaves the chaining values of the first lanes, eight words each, from {@code at} on. */
    void store(int[] values, int at, int lanes) {
        for (int word = 0; word < Blake3Block.CHAINING_WORDS; word++) {
            int row = CHAINING + word * STRIDE;
            for (int lane = 0; lane < lanes; lane++) {
                values[at + lane * Blake3Block.CHAINING_WORDS + word] = rows[row + lane];
            }
        }
    }

    /** All but the low word of the chunk's number; the high one is 0, as no input of ours has that many chunks. */
    private void begin(int flags, int lanes) {
        for (int word = 0; word < Blake3Block.CHAINING_WORDS; word++) {
            System.arraycopy(rows, CHAINING + word * STRIDE, rows, word * STRIDE, lanes);
        }
        fill(8 * STRIDE, lanes, Blake3Block.IV0);
        fill(9 * STRIDE, lanes, Blake3Block.IV1);
        fill(10 * STRIDE, lanes, Blake3Block.IV2);
        fill(11 * STRIDE, lanes, Blake3Block.IV3);
        fill(13 * STRIDE, lanes, 0);
        fill(14 * STRIDE, lanes, BLOCK_LENGTH);
        fill(15 * STRIDE, lanes, flags);
    }

    private void rounds(int lanes) {
        for (LaneRounds.Round round : rounds) {
            round.apply(rows, lanes);
        }
        int words = 7 * STRIDE + lanes;
        for (int i = 0; i < words; i++) {
            rows[CHAINING + i] = rows[i] ^ rows[8 * STRIDE + i];
        }
    }

    private void fill(int row, int lanes, int value) {
        Arrays.fill(rows, row, row + lanes, value);
    }
}
