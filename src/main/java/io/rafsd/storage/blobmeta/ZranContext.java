package io.rafsd.storage.blobmeta;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One window of a gzip file from whose start it can be inflated (RAFS format, section 3.6). 40 bytes, in a table behind the
 * entries of the chunks; the dictionaries follow the table.
 *
 * @param offset of the window in the gzip file
 * @param plainOffset in what that inflates to
 * @param dictionaryOffset among the dictionaries
 * @param storedSize bytes of the window
 * @param size bytes that it inflates to
 * @param dictionarySize bytes, at most 32 KiB
 * @param previous byte before the window
 * @param bits of that, 0 to 7, which belong to the window
 */
public record ZranContext(
        long offset,
        long plainOffset,
        long dictionaryOffset,
        int storedSize,
        int size,
        int dictionarySize,
        int previous,
        int bits) {

    public static final long SIZE = 40;
    /** A window that inflates from or to more is not read. */
    public static final int MAX_SIZE = Contexts.MAX_SIZE;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static ZranContext at(MemorySegment table, int index) {
        MemorySegment s = table.asSlice(index * SIZE, SIZE);
        return new ZranContext(
                s.get(U64, 0),
                s.get(U64, 8),
                s.get(U64, 16),
                s.get(U32, 24),
                s.get(U32, 28),
                s.get(U32, 32),
                Byte.toUnsignedInt(s.get(ValueLayout.JAVA_BYTE, 36)),
                Byte.toUnsignedInt(s.get(ValueLayout.JAVA_BYTE, 37)));
    }

    /** Writes it as entry {@code index} of {@code table}, whose bytes there are zero. */
    public void encode(MemorySegment table, int index) {
        MemorySegment s = table.asSlice(index * SIZE, SIZE);
        s.set(U64, 0, offset);
        s.set(U64, 8, plainOffset);
        s.set(U64, 16, dictionaryOffset);
        s.set(U32, 24, storedSize);
        s.set(U32, 28, size);
        s.set(U32, 32, dictionarySize);
        s.set(ValueLayout.JAVA_BYTE, 36, (byte) previous);
        s.set(ValueLayout.JAVA_BYTE, 37, (byte) bits);
    }
}
