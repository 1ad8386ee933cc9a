package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.util.Arrays;

/**
 * A code of deflate: short codes are looked up, long ones are followed bit by bit. For one thread.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1951#section-3.2.2">RFC 1951, section 3.2.2</a>
 */
final class HuffmanCode {

    private static final int MAX_BITS = 15;
    private static final int FAST_BITS = 10;

    /** By the next bits: the symbol, and in the lowest four bits the length of its code; 0 if that is longer. */
    private final short[] fast = new short[1 << FAST_BITS];

    private final int[] counts = new int[MAX_BITS + 1];
    private final short[] symbols;

    /** @param symbols the most there are */
    HuffmanCode(int symbols) {
        this.symbols = new short[symbols];
    }

    /**
     * Becomes another code.
     *
     * @param lengths bits of each symbol's code, 0 for those without
     * @param mayBeIncomplete whether it may leave bit strings without meaning, which is an error when one is met
     */
    void set(byte[] lengths, int from, int to, boolean mayBeIncomplete) throws IntegrityFailure {
        Arrays.fill(counts, 0);
        Arrays.fill(fast, (short) 0);
        for (int i = from; i < to; i++) {
            counts[lengths[i]]++;
        }
        counts[0] = 0;
        int[] nextCode = new int[MAX_BITS + 2];
        int[] nextSymbol = new int[MAX_BITS + 2];
        int left = 1;
        for (int bits = 1; bits <= MAX_BITS; bits++) {
            left = (left << 1) - counts[bits];
            if (left < 0) {
                throw new IntegrityFailure("the gzip data is damaged: a code has more symbols than it can tell apart");
            }
            nextCode[bits + 1] = nextCode[bits] + counts[bits] << 1;
            nextSymbol[bits + 1] = nextSymbol[bits] + counts[bits];
        }
        if (left > 0 && !mayBeIncomplete) {
            throw new IntegrityFailure("the gzip data is damaged: a code is incomplete");
        }
        for (int i = from; i < to; i++) {
            int bits = lengths[i];
            if (bits > 0) {
                symbols[nextSymbol[bits]++] = (short) (i - from);
                put(i - from, bits, nextCode[bits]++);
            }
        }
    }

    private void put(int symbol, int bits, int code) {
        if (bits <= FAST_BITS) {
            int first = Integer.reverse(code) >>> Integer.SIZE - bits;
            for (int at = first; at < fast.length; at += 1 << bits) {
                fast[at] = (short) (symbol << 4 | bits);
            }
        }
    }

    int decode(BitInput in) throws IOException {
        int ahead = in.peek(MAX_BITS);
        int entry = fast[ahead & (1 << FAST_BITS) - 1];
        if (entry != 0) {
            in.drop(entry & 0xF);
            return entry >>> 4;
        }
        return decodeLong(in, ahead);
    }

    private int decodeLong(BitInput in, int ahead) throws IntegrityFailure {
        int code = 0;
        int first = 0;
        int index = 0;
        for (int bits = 1; bits <= MAX_BITS; bits++) {
            code |= ahead >>> bits - 1 & 1;
            if (code - first < counts[bits]) {
                in.drop(bits);
                return symbols[index + code - first];
            }
            index += counts[bits];
            first = first + counts[bits] << 1;
            code <<= 1;
        }
        throw new IntegrityFailure(
                "the gzip data is damaged before its byte " + in.position() + ": a code without meaning");
    }
}
