package io.rafsd.codec;

/**
 * The compression function of BLAKE3, one block at a time, all state in locals.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification, section 2.2</a>
 */
final class Blake3Block {

    static final int BLOCK_WORDS = 16;
    static final int CHAINING_WORDS = 8;

    static final int CHUNK_START = 1;
    static final int CHUNK_END = 1 << 1;
    static final int PARENT = 1 << 2;
    static final int ROOT = 1 << 3;

    static final int IV0 = 0x6A09E667;
    static final int IV1 = 0xBB67AE85;
    static final int IV2 = 0x3C6EF372;
    static final int IV3 = 0xA54FF53A;
    static final int IV4 = 0x510E527F;
    static final int IV5 = 0x9B05688C;
    static final int IV6 = 0x1F83D9AB;
    static final int IV7 = 0x5BE0CD19;

    private static final int ROUNDS = 7;

    private Blake3Block() {}

    /** Sets the eight words from {@code at} on to the initial chaining value. */
    static void initialise(int[] chaining, int at) {
        chaining[at] = IV0;
        chaining[at + 1] = IV1;
        chaining[at + 2] = IV2;
        chaining[at + 3] = IV3;
        chaining[at + 4] = IV4;
        chaining[at + 5] = IV5;
        chaining[at + 6] = IV6;
        chaining[at + 7] = IV7;
    }

    /**
     * Compresses the 16 words from {@code words[at]} on with the chaining value from {@code chaining[in]} on, and puts the
     * new one in its place.
     *
     * @param length bytes of the block that are input; the others are zero
     */
    static void compress(int[] words, int at, int[] chaining, int in, int chunk, int length, int flags) {
        int m0 = words[at + 0];
        int m1 = words[at + 1];
        int m2 = words[at + 2];
        int m3 = words[at + 3];
        int m4 = words[at + 4];
        int m5 = words[at + 5];
        int m6 = words[at + 6];
        int m7 = words[at + 7];
        int m8 = words[at + 8];
        int m9 = words[at + 9];
        int m10 = words[at + 10];
        int m11 = words[at + 11];
        int m12 = words[at + 12];
        int m13 = words[at + 13];
        int m14 = words[at + 14];
        int m15 = words[at + 15];
        int v0 = chaining[in];
        int v1 = chaining[in + 1];
        int v2 = chaining[in + 2];
        int v3 = chaining[in + 3];
        int v4 = chaining[in + 4];
        int v5 = chaining[in + 5];
        int v6 = chaining[in + 6];
        int v7 = chaining[in + 7];
        int v8 = IV0;
        int v9 = IV1;
        int v10 = IV2;
        int v11 = IV3;
        int v12 = chunk;
        int v13 = 0;
        int v14 = length;
        int v15 = flags;
        for (int round = 0; ; round++) {
            v0 += v4 + m0;
            v12 = Integer.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 12);
            v0 += v4 + m1;
            v12 = Integer.rotateRight(v12 ^ v0, 8);
            v8 += v12;
            v4 = Integer.rotateRight(v4 ^ v8, 7);
            v1 += v5 + m2;
            v13 = Integer.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 12);
            v1 += v5 + m3;
            v13 = Integer.rotateRight(v13 ^ v1, 8);
            v9 += v13;
            v5 = Integer.rotateRight(v5 ^ v9, 7);
            v2 += v6 + m4;
            v14 = Integer.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 12);
            v2 += v6 + m5;
            v14 = Integer.rotateRight(v14 ^ v2, 8);
            v10 += v14;
            v6 = Integer.rotateRight(v6 ^ v10, 7);
            v3 += v7 + m6;
            v15 = Integer.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 12);
            v3 += v7 + m7;
            v15 = Integer.rotateRight(v15 ^ v3, 8);
            v11 += v15;
            v7 = Integer.rotateRight(v7 ^ v11, 7);
            v0 += v5 + m8;
            v15 = Integer.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 12);
            v0 += v5 + m9;
            v15 = Integer.rotateRight(v15 ^ v0, 8);
            v10 += v15;
            v5 = Integer.rotateRight(v5 ^ v10, 7);
            v1 += v6 + m10;
            v12 = Integer.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 12);
            v1 += v6 + m11;
            v12 = Integer.rotateRight(v12 ^ v1, 8);
            v11 += v12;
            v6 = Integer.rotateRight(v6 ^ v11, 7);
            v2 += v7 + m12;
            v13 = Integer.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 12);
            v2 += v7 + m13;
            v13 = Integer.rotateRight(v13 ^ v2, 8);
            v8 += v13;
            v7 = Integer.rotateRight(v7 ^ v8, 7);
            v3 += v4 + m14;
            v14 = Integer.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 12);
            v3 += v4 + m15;
            v14 = Integer.rotateRight(v14 ^ v3, 8);
            v9 += v14;
            v4 = Integer.rotateRight(v4 ^ v9, 7);
            if (round == ROUNDS - 1) {
                break;
            }
            // The next round takes the words in the permuted order 2 6 3 10 7 0 4 13 1 11 12 5 9 14 15 8.
            int first0 = m0;
            m0 = m2;
            m2 = m3;
            m3 = m10;
            m10 = m12;
            m12 = m9;
            m9 = m11;
            m11 = m5;
            m5 = first0;
            int first1 = m1;
            m1 = m6;
            m6 = m4;
            m4 = m7;
            m7 = m13;
            m13 = m14;
            m14 = m15;
            m15 = m8;
            m8 = first1;
        }
        chaining[in] = v0 ^ v8;
        chaining[in + 1] = v1 ^ v9;
        chaining[in + 2] = v2 ^ v10;
        chaining[in + 3] = v3 ^ v11;
        chaining[in + 4] = v4 ^ v12;
        chaining[in + 5] = v5 ^ v13;
        chaining[in + 6] = v6 ^ v14;
        chaining[in + 7] = v7 ^ v15;
    }
}
