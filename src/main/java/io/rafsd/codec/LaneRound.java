package io.rafsd.codec;

import java.lang.invoke.MethodHandles;

/**
 * One round of the compression function for many inputs side by side: every loop body works on one column of rows, and C2
 * makes vector instructions of it.
 *
 * <p>It does so only if it can prove that no row overlaps another, which takes constant places of the rows. But each of the
 * seven rounds takes the message rows in another order. So this class is a mould: {@link LaneRounds} defines it seven times,
 * each time as a hidden class with its own order, which C2 then sees as constants. Nobody uses the class itself.
 *
 * <p>What else C2 is particular about: a bound on the number of lanes that it can see, a whole round in one loop (smaller
 * loops cost more, each for its first and last lanes), and the default unrolling limits.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification, section 2.2</a>
 */
final class LaneRound implements LaneRounds.Round {

    private static final int[] ORDER = order();

    private static final int V0 = LaneRows.STATE;
    private static final int V1 = LaneRows.STATE + 1 * LaneRows.STRIDE;
    private static final int V2 = LaneRows.STATE + 2 * LaneRows.STRIDE;
    private static final int V3 = LaneRows.STATE + 3 * LaneRows.STRIDE;
    private static final int V4 = LaneRows.STATE + 4 * LaneRows.STRIDE;
    private static final int V5 = LaneRows.STATE + 5 * LaneRows.STRIDE;
    private static final int V6 = LaneRows.STATE + 6 * LaneRows.STRIDE;
    private static final int V7 = LaneRows.STATE + 7 * LaneRows.STRIDE;
    private static final int V8 = LaneRows.STATE + 8 * LaneRows.STRIDE;
    private static final int V9 = LaneRows.STATE + 9 * LaneRows.STRIDE;
    private static final int V10 = LaneRows.STATE + 10 * LaneRows.STRIDE;
    private static final int V11 = LaneRows.STATE + 11 * LaneRows.STRIDE;
    private static final int V12 = LaneRows.STATE + 12 * LaneRows.STRIDE;
    private static final int V13 = LaneRows.STATE + 13 * LaneRows.STRIDE;
    private static final int V14 = LaneRows.STATE + 14 * LaneRows.STRIDE;
    private static final int V15 = LaneRows.STATE + 15 * LaneRows.STRIDE;

    private static final int M0 = LaneRows.MESSAGE + ORDER[0] * LaneRows.STRIDE;
    private static final int M1 = LaneRows.MESSAGE + ORDER[1] * LaneRows.STRIDE;
    private static final int M2 = LaneRows.MESSAGE + ORDER[2] * LaneRows.STRIDE;
    private static final int M3 = LaneRows.MESSAGE + ORDER[3] * LaneRows.STRIDE;
    private static final int M4 = LaneRows.MESSAGE + ORDER[4] * LaneRows.STRIDE;
    private static final int M5 = LaneRows.MESSAGE + ORDER[5] * LaneRows.STRIDE;
    private static final int M6 = LaneRows.MESSAGE + ORDER[6] * LaneRows.STRIDE;
    private static final int M7 = LaneRows.MESSAGE + ORDER[7] * LaneRows.STRIDE;
    private static final int M8 = LaneRows.MESSAGE + ORDER[8] * LaneRows.STRIDE;
    private static final int M9 = LaneRows.MESSAGE + ORDER[9] * LaneRows.STRIDE;
    private static final int M10 = LaneRows.MESSAGE + ORDER[10] * LaneRows.STRIDE;
    private static final int M11 = LaneRows.MESSAGE + ORDER[11] * LaneRows.STRIDE;
    private static final int M12 = LaneRows.MESSAGE + ORDER[12] * LaneRows.STRIDE;
    private static final int M13 = LaneRows.MESSAGE + ORDER[13] * LaneRows.STRIDE;
    private static final int M14 = LaneRows.MESSAGE + ORDER[14] * LaneRows.STRIDE;
    private static final int M15 = LaneRows.MESSAGE + ORDER[15] * LaneRows.STRIDE;

    LaneRound() {}

    private static int[] order() {
        try {
            return MethodHandles.classData(MethodHandles.lookup(), "_", int[].class);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a class may read its own data", e);
        }
    }

    @Override
    public void apply(int[] rows, int lanes) {
        int count = Math.min(lanes, LaneRows.LANES);
        for (int i = 0; i < count; i++) {
            int v0 = rows[V0 + i];
            int v1 = rows[V1 + i];
            int v2 = rows[V2 + i];
            int v3 = rows[V3 + i];
            int v4 = rows[V4 + i];
            int v5 = rows[V5 + i];
            int v6 = rows[V6 + i];
            int v7 = rows[V7 + i];
            int v8 = rows[V8 + i];
            int v9 = rows[V9 + i];
            int v10 = rows[V10 + i];
            int v11 = rows[V11 + i];
            int v12 = rows[V12 + i];
            int v13 = rows[V13 + i];
            int v14 = rows[V14 + i];
            int v15 = rows[V15 + i];
            // The four columns.
            v0 += v4 + rows[M0 + i];
            v12 = Integer.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 12);
            v0 += v4 + rows[M1 + i];
            v12 = Integer.rotateRight(v12 ^ v0, 8);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 7);
            v1 += v5 + rows[M2 + i];
            v13 = Integer.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 12);
            v1 += v5 + rows[M3 + i];
            v13 = Integer.rotateRight(v13 ^ v1, 8);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 7);
            v2 += v6 + rows[M4 + i];
            v14 = Integer.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 12);
            v2 += v6 + rows[M5 + i];
            v14 = Integer.rotateRight(v14 ^ v2, 8);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 7);
            v3 += v7 + rows[M6 + i];
            v15 = Integer.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 12);
            v3 += v7 + rows[M7 + i];
            v15 = Integer.rotateRight(v15 ^ v3, 8);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 7);
            // The four diagonals.
            v0 += v5 + rows[M8 + i];
            v15 = Integer.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 12);
            v0 += v5 + rows[M9 + i];
            v15 = Integer.rotateRight(v15 ^ v0, 8);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 7);
            v1 += v6 + rows[M10 + i];
            v12 = Integer.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 12);
            v1 += v6 + rows[M11 + i];
            v12 = Integer.rotateRight(v12 ^ v1, 8);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 7);
            v2 += v7 + rows[M12 + i];
            v13 = Integer.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 12);
            v2 += v7 + rows[M13 + i];
            v13 = Integer.rotateRight(v13 ^ v2, 8);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 7);
            v3 += v4 + rows[M14 + i];
            v14 = Integer.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 12);
            v3 += v4 + rows[M15 + i];
            v14 = Integer.rotateRight(v14 ^ v3, 8);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 7);
            rows[V0 + i] = v0;
            rows[V1 + i] = v1;
            rows[V2 + i] = v2;
            rows[V3 + i] = v3;
            rows[V4 + i] = v4;
            rows[V5 + i] = v5;
            rows[V6 + i] = v6;
            rows[V7 + i] = v7;
            rows[V8 + i] = v8;
            rows[V9 + i] = v9;
            rows[V10 + i] = v10;
            rows[V11 + i] = v11;
            rows[V12 + i] = v12;
            rows[V13 + i] = v13;
            rows[V14 + i] = v14;
            rows[V15 + i] = v15;
        }
    }
}
