package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.util.Arrays;

/**
 * The two codes of a deflate block, for literals and lengths and for distances. For one thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1951#section-3.2.5">RFC 1951, sections 3.2.5 to 3.2.7</a>
 */
final class DeflateCodes {

    static final int END_OF_BLOCK = 256;

    private static final int LITERALS = 288;
    private static final int DISTANCES = 30;
    private static final int MAX_LITERALS = 286;
    private static final int COPY = 16;
    private static final int ZEROS = 17;
    private static final int[] ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    private static final short[] LENGTH = new short[29];
    private static final byte[] LENGTH_BITS = new byte[29];
    private static final int[] DISTANCE = new int[DISTANCES];
    private static final byte[] DISTANCE_BITS = new byte[DISTANCES];

    static {
        int length = 3;
        for (int i = 0; i < 28; i++) {
            LENGTH[i] = (short) length;
            LENGTH_BITS[i] = (byte) Math.max(0, i / 4 - 1);
            length += 1 << LENGTH_BITS[i];
        }
        LENGTH[28] = 258;
        int distance = 1;
        for (int i = 0; i < DISTANCES; i++) {
            DISTANCE[i] = distance;
            DISTANCE_BITS[i] = (byte) Math.max(0, i / 2 - 1);
            distance += 1 << DISTANCE_BITS[i];
        }
    }

    private final HuffmanCode literals = new HuffmanCode(LITERALS);
    private final HuffmanCode distances = new HuffmanCode(DISTANCES);
    private final HuffmanCode lengths = new HuffmanCode(ORDER.length);
    private final byte[] bits = new byte[LITERALS + 32];

    /** The codes that a block without its own has. */
    void setFixed() throws IntegrityFailure {
        Arrays.fill(bits, 0, 144, (byte) 8);
        Arrays.fill(bits, 144, 256, (byte) 9);
        Arrays.fill(bits, 256, 280, (byte) 7);
        Arrays.fill(bits, 280, LITERALS, (byte) 8);
        literals.set(bits, 0, LITERALS, false);
        Arrays.fill(bits, 0, DISTANCES, (byte) 5);
        distances.set(bits, 0, DISTANCES, true);
    }

    /** Reads the codes that a block begins with. */
    void read(BitInput in) throws IOException {
        int literalCount = in.take(5) + 257;
        int distanceCount = in.take(5) + 1;
        int lengthCount = in.take(4) + 4;
        if (literalCount > MAX_LITERALS || distanceCount > DISTANCES) {
            throw damaged(in, "it names more symbols than there are");
        }
        Arrays.fill(bits, 0, ORDER.length, (byte) 0);
        for (int i = 0; i < lengthCount; i++) {
            bits[ORDER[i]] = (byte) in.take(3);
        }
        lengths.set(bits, 0, ORDER.length, false);
        readLengths(in, literalCount + distanceCount);
        if (bits[END_OF_BLOCK] == 0) {
            throw damaged(in, "it cannot end");
        }
        literals.set(bits, 0, literalCount, literalCount(literalCount) == 1);
        distances.set(bits, literalCount, literalCount + distanceCount, true);
    }

    private int literalCount(int all) {
        int used = 0;
        for (int i = 0; i < all; i++) {
            used += bits[i] > 0 ? 1 : 0;
        }
        return used;
    }

    private void readLengths(BitInput in, int wanted) throws IOException {
        int at = 0;
        while (at < wanted) {
            int symbol = lengths.decode(in);
            if (symbol < COPY) {
                bits[at++] = (byte) symbol;
                continue;
            }
            if (symbol == COPY && at == 0) {
                throw damaged(in, "it repeats a length before the first");
            }
            byte repeated = symbol == COPY ? bits[at - 1] : 0;
            int times = symbol == COPY ? 3 + in.take(2) : symbol == ZEROS ? 3 + in.take(3) : 11 + in.take(7);
            if (at + times > wanted) {
                throw damaged(in, "it states more lengths than it has symbols");
            }
            Arrays.fill(bits, at, at + times, repeated);
            at += times;
        }
    }

    /** A byte, {@link #END_OF_BLOCK}, or above that a {@link #length}. */
    int literal(BitInput in) throws IOException {
        return literals.decode(in);
    }

    int length(int symbol, BitInput in) throws IOException {
        int index = symbol - END_OF_BLOCK - 1;
        if (index >= LENGTH.length) {
            throw damaged(in, "a length is of no kind there is");
        }
        return LENGTH[index] + (LENGTH_BITS[index] == 0 ? 0 : in.take(LENGTH_BITS[index]));
    }

    int distance(BitInput in) throws IOException {
        int index = distances.decode(in);
        return DISTANCE[index] + (DISTANCE_BITS[index] == 0 ? 0 : in.take(DISTANCE_BITS[index]));
    }

    private static IntegrityFailure damaged(BitInput in, String how) {
        return new IntegrityFailure(
                "the gzip data is damaged before its byte " + in.position() + ": a block's code: " + how);
    }
}
