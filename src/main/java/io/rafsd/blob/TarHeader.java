package io.rafsd.blob;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tar header that follows a section of a blob: 512 bytes. It stands behind its data, not before, so that a blob is read
 * from its end on.
 *
 * @param name of the section, at most 100 bytes of ASCII
 * @param size of the section before it, bytes
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">Basic tar format</a>
 */
public record TarHeader(String name, long size) {

    public static final int SIZE = 512;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final int NAME_SIZE = 100;
    private static final int SIZE_AT = 124;
    private static final int MTIME_AT = 136;
    private static final int OCTAL_DIGITS = 11;
    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_SIZE = 8;
    private static final int TYPE_AT = 156;
    private static final int MAGIC_AT = 257;
    private static final byte[] MAGIC = "ustar  \0".getBytes(StandardCharsets.US_ASCII);
    private static final int BASE_256 = 0x80;
    private static final long MAX_OCTAL = 1L << 3 * OCTAL_DIGITS;

    /** The header in these bytes, or null if they are none of a regular file. */
    public static @Nullable TarHeader decode(MemorySegment bytes) {
        byte type = bytes.get(U8, TYPE_AT);
        if (octal(bytes, CHECKSUM_AT, CHECKSUM_SIZE - 1) != checksum(bytes) || type != '0' && type != 0) {
            return null;
        }
        long size = (bytes.get(U8, SIZE_AT) & BASE_256) == 0
                ? octal(bytes, SIZE_AT, OCTAL_DIGITS)
                : binary(bytes, SIZE_AT + 1, OCTAL_DIGITS);
        return size < 0 ? null : new TarHeader(PaddedText.of(bytes.asSlice(0, NAME_SIZE)), size);
    }

    /** Writes it to {@code bytes}, which are {@link #SIZE} zero bytes. */
    public void encode(MemorySegment bytes) {
        MemorySegment.copy(name.getBytes(StandardCharsets.US_ASCII), 0, bytes, U8, 0, name.length());
        if (size < MAX_OCTAL) {
            writeOctal(bytes, SIZE_AT, OCTAL_DIGITS, size);
        } else {
            bytes.set(U8, SIZE_AT, (byte) BASE_256);
            for (int i = 0; i < Long.BYTES; i++) {
                bytes.set(U8, SIZE_AT + OCTAL_DIGITS - i, (byte) (size >>> i * Byte.SIZE));
            }
        }
        writeOctal(bytes, MTIME_AT, OCTAL_DIGITS, 0);
        bytes.set(U8, TYPE_AT, (byte) '0');
        MemorySegment.copy(MAGIC, 0, bytes, U8, MAGIC_AT, MAGIC.length);
        writeOctal(bytes, CHECKSUM_AT, CHECKSUM_SIZE - 1, checksum(bytes));
    }

    /** The sum of all bytes, those of the checksum itself as spaces. */
    private static long checksum(MemorySegment bytes) {
        long sum = 0;
        for (int i = 0; i < SIZE; i++) {
            boolean own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
            sum += own ? ' ' : Byte.toUnsignedInt(bytes.get(U8, i));
        }
        return sum;
    }

    private static void writeOctal(MemorySegment bytes, int at, int digits, long value) {
        for (int i = 0; i < digits; i++) {
            bytes.set(U8, at + i, (byte) ('0' + (value >>> 3 * (digits - 1 - i) & 7)));
        }
    }

    /** Octal digits up to a NUL or space; -1 if there are others, or none. */
    private static long octal(MemorySegment bytes, int at, int digits) {
        long value = -1;
        for (int i = at; i < at + digits; i++) {
            byte digit = bytes.get(U8, i);
            if (digit == 0 || digit == ' ' && value >= 0) {
                break;
            }
            if (digit == ' ') {
                continue;
            }
            if (digit < '0' || digit > '7') {
                return -1;
            }
            value = Math.max(value, 0) << 3 | digit - '0';
        }
        return value;
    }

    private static long binary(MemorySegment bytes, int at, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            if (value >>> Long.SIZE - Byte.SIZE - 1 != 0) {
                return -1;
            }
            value = value << Byte.SIZE | Byte.toUnsignedInt(bytes.get(U8, at + i));
        }
        return value;
    }
}
