package io.rafsd.builder.tar;

import io.rafsd.error.InvalidRequest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One 512-byte header. A view: the bytes are read when they are asked for.
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">GNU tar: basic tar format</a>
 */
final class TarHeader {

    static final int SIZE = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_SIZE = 8;
    private static final int TYPE = 156;
    private static final int LINK = 157;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int NAME_SIZE = 100;
    private static final int PREFIX_SIZE = 155;
    private static final byte[] USTAR = "ustar\0".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final long offset;

    /** @param offset in the archive, for messages */
    TarHeader(byte[] bytes, long offset) {
        this.bytes = bytes;
        this.offset = offset;
    }

    long offset() {
        return offset;
    }

    /** Whether a byte of it is not zero. */
    boolean isSet(int at) {
        return bytes[at] != 0;
    }

    /** @throws InvalidRequest if the bytes have not the checksum of a header */
    void check() throws InvalidRequest {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < SIZE; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? (byte) ' ' : bytes[i];
            unsigned += b & 0xFF;
            signed += b;
        }
        long stated = number(CHECKSUM, CHECKSUM_SIZE, "checksum");
        // Some old archivers added signed bytes.
        if (stated != unsigned && stated != signed) {
            throw new InvalidRequest("no tar header at " + offset + " of the archive: its checksum is " + unsigned
                    + ", it says " + stated + "; is this a tar, and whole?");
        }
    }

    boolean isZero() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    char type() {
        return (char) (bytes[TYPE] & 0xFF);
    }

    byte[] name() {
        byte[] name = text(0, NAME_SIZE);
        boolean posix = Arrays.equals(bytes, MAGIC, MAGIC + USTAR.length, USTAR, 0, USTAR.length);
        byte[] prefix = posix ? text(PREFIX, PREFIX_SIZE) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        joined[prefix.length] = '/';
        System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
        return joined;
    }

    byte[] link() {
        return text(LINK, NAME_SIZE);
    }

    int mode() throws InvalidRequest {
        return (int) number(100, 8, "mode") & 07777;
    }

    long uid() throws InvalidRequest {
        return number(108, 8, "uid");
    }

    long gid() throws InvalidRequest {
        return number(116, 8, "gid");
    }

    long size() throws InvalidRequest {
        long size = number(124, 12, "size");
        if (size < 0) {
            throw new InvalidRequest("tar header at " + offset + ": size " + size + " is negative");
        }
        return size;
    }

    long modifiedSeconds() throws InvalidRequest {
        return number(136, 12, "mtime");
    }

    int major() throws InvalidRequest {
        return (int) number(329, 8, "device major");
    }

    int minor() throws InvalidRequest {
        return (int) number(337, 8, "device minor");
    }

    /** A number: octal digits, or big-endian binary if the first bit is set; an empty field is 0. */
    long number(int at, int length, String what) throws InvalidRequest {
        if ((bytes[at] & 0x80) != 0) {
            return binary(at, length, what);
        }
        long value = 0;
        boolean any = false;
        for (int i = at; i < at + length; i++) {
            int c = bytes[i];
            if (c >= '0' && c <= '7') {
                value = value << 3 | c - '0';
                any = true;
            } else if (c == 0 || c == ' ') {
                if (any) {
                    break;
                }
            } else {
                throw new InvalidRequest(
                        "tar header at " + offset + ": its " + what + " is no octal number (byte " + (i - at) + ")");
            }
        }
        return value;
    }

    private long binary(int at, int length, String what) throws InvalidRequest {
        byte[] digits = Arrays.copyOfRange(bytes, at, at + length);
        // The bit below the mark is the sign.
        digits[0] = (byte) ((digits[0] & 0x40) != 0 ? digits[0] | 0x80 : digits[0] & 0x7F);
        BigInteger value = new BigInteger(digits);
        if (value.bitLength() > 63) {
            throw new InvalidRequest("tar header at " + offset + ": its " + what + " has more than 63 bits");
        }
        return value.longValue();
    }

    byte[] text(int at, int length) {
        int end = at;
        while (end < at + length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(bytes, at, end);
    }
}
