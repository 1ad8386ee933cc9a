package io.rafsd.rafs.layout;

import io.rafsd.error.InvalidImage;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The field types of RAFS structures, all little endian and at any address, and the one check at their door. */
public final class Fields {

    public static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    public static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Fields() {}

    /**
     * The bytes of one structure.
     *
     * @param what the structure is called in messages
     * @throws InvalidImage if it does not lie wholly inside {@code image}
     */
    public static MemorySegment slice(MemorySegment image, long offset, long size, String what) throws InvalidImage {
        if (offset < 0 || size < 0 || offset > image.byteSize() - size) {
            throw new InvalidImage(what + " of " + size + " bytes at " + Long.toUnsignedString(offset)
                    + " lies outside the bootstrap of " + image.byteSize() + " bytes");
        }
        return image.asSlice(offset, size);
    }

    /** Where a field of a layout begins. */
    public static long offset(MemoryLayout layout, String field) {
        return layout.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    public static int unsigned(byte value) {
        return Byte.toUnsignedInt(value);
    }

    public static int unsigned(short value) {
        return Short.toUnsignedInt(value);
    }

    public static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    /** Rounds up to a multiple of {@code unit}, a power of two. */
    public static long roundUp(long value, long unit) {
        return (value + unit - 1) & -unit;
    }
}
