package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A place inside a gzip file from which it can be inflated: at the start of a deflate block, which need not be that of a
 * byte. The JDK's inflater cannot be told to begin within a byte. It is led there instead: empty deflate blocks, which give
 * nothing, are put before the data, as many as it takes for their end to lie at that bit of the byte that holds the first
 * bits. The data itself is not shifted: stored blocks in it begin at byte boundaries. Where a gzip member ends within the
 * window, the next one follows. Safe for many threads.
 *
 * @param bits of {@code previous}, 0 to 7, that belong to the block: its highest
 * @param previous byte before the window
 * @param dictionary the last bytes before this place, at most 32 KiB; empty at the start of a member
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1951">RFC 1951</a>
 */
public record InflateWindow(int bits, int previous, MemorySegment dictionary) {

    /** Deflate looks no further back. */
    public static final int MAX_DICTIONARY = 32768;

    /** CRC-32 and length of a gzip member. */
    private static final int TRAILER = 8;

    public InflateWindow {
        if (bits < 0 || bits > 7 || dictionary.byteSize() > MAX_DICTIONARY) {
            throw new IllegalArgumentException(
                    bits + " bits and a dictionary of " + dictionary.byteSize() + " bytes are no place in a gzip file");
        }
    }

    /**
     * Inflates from the start of {@code compressed} until {@code plain} is full; what follows is ignored.
     *
     * @throws IntegrityFailure if the data is damaged or ends before; {@code plain} is then undefined
     */
    public void inflate(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        ByteBuffer source = compressed.asByteBuffer();
        ByteBuffer target = plain.asByteBuffer();
        Inflater inflater = new Inflater(true);
        try {
            if (dictionary.byteSize() > 0) {
                inflater.setDictionary(dictionary.asByteBuffer());
            }
            if (bits > 0) {
                inflater.setInput(lead());
                // Takes it all and gives nothing.
                int ignored = inflater.inflate(target);
            }
            while (inflateMember(inflater, source, target)) {
                skip(source, TRAILER);
                skipHeader(source);
                inflater.reset();
            }
        } catch (DataFormatException e) {
            throw new IntegrityFailure(
                    "the deflate data of " + compressed.byteSize() + " bytes is damaged: " + e.getMessage(), e);
        } finally {
            inflater.end();
        }
    }

    /** Returns whether the member ended before the target was full. */
    private static boolean inflateMember(Inflater inflater, ByteBuffer source, ByteBuffer target)
            throws DataFormatException, IntegrityFailure {
        inflater.setInput(source);
        while (target.hasRemaining()) {
            int got = inflater.inflate(target);
            if (inflater.finished()) {
                return target.hasRemaining();
            }
            if (got == 0) {
                throw new IntegrityFailure("deflate data of " + source.capacity() + " bytes ends after "
                        + target.position() + " of " + target.capacity() + " bytes");
            }
        }
        return false;
    }

    private static void skipHeader(ByteBuffer source) throws IntegrityFailure {
        if (source.remaining() < 10 || source.get() != 0x1F || source.get() != (byte) 0x8B || source.get() != 8) {
            throw new IntegrityFailure("no gzip member follows at byte " + source.position() + " of a window");
        }
        int flags = source.get();
        skip(source, 6);
        if ((flags & 4) != 0) {
            requireBytes(source, 2);
            skip(source, source.get() & 0xFF | (source.get() & 0xFF) << 8);
        }
        if ((flags & 8) != 0) {
            skipText(source);
        }
        if ((flags & 16) != 0) {
            skipText(source);
        }
        if ((flags & 2) != 0) {
            skip(source, 2);
        }
    }

    private static void skipText(ByteBuffer source) throws IntegrityFailure {
        do {
            requireBytes(source, 1);
        } while (source.get() != 0);
    }

    private static void skip(ByteBuffer source, int bytes) throws IntegrityFailure {
        requireBytes(source, bytes);
        source.position(source.position() + bytes);
    }

    private static void requireBytes(ByteBuffer source, int bytes) throws IntegrityFailure {
        if (source.remaining() < bytes) {
            throw new IntegrityFailure(
                    "a window of " + source.capacity() + " bytes ends within a gzip member's header");
        }
    }

    /**
     * Empty blocks that end {@code 8 - bits} bits into their last byte, whose other bits are those of {@code previous}. An
     * empty block of fixed codes has 10 bits, so some of them reach every even place; one of dynamic codes, of 91 bits,
     * turns that into every odd one.
     */
    byte[] lead() {
        Bits lead = new Bits();
        int consumed = Byte.SIZE - bits;
        if (consumed % 2 != 0) {
            emptyDynamicBlock(lead);
        }
        while (lead.count % Byte.SIZE != consumed) {
            lead.put(0, 1).put(1, 2).put(0, 7);
        }
        lead.put((previous & 0xFF) >>> consumed, bits);
        return lead.bytes();
    }

    /** Its 257 literal codes are all unused but the end of the block, by two code lengths: 1, and 18 for runs of zeros. */
    private static void emptyDynamicBlock(Bits lead) {
        int[] order = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1};
        lead.put(0, 1).put(2, 2).put(0, 5).put(1, 5).put(order.length - 4, 4);
        for (int symbol : order) {
            lead.put(symbol == 18 || symbol == 1 ? 1 : 0, 3);
        }
        // 138 and 118 zeros, then three lengths of 1: the end of the block and two distances. Then the end of the
        // block.
        lead.put(1, 1).put(138 - 11, 7).put(1, 1).put(118 - 11, 7).put(0, 3).put(0, 1);
    }

    /** Bits from the lowest on; 16 bytes are more than a lead has. */
    private static final class Bits {

        private final byte[] bytes = new byte[32];
        private int count;

        Bits put(int value, int bits) {
            for (int i = 0; i < bits; i++, count++) {
                bytes[count / Byte.SIZE] |= (byte) ((value >>> i & 1) << count % Byte.SIZE);
            }
            return this;
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, count / Byte.SIZE);
        }
    }
}
