package io.rafsd.upgrade;

import io.rafsd.error.InvalidRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads one document of nydusd's state. Every failure names the place. */
final class StateReader {

    private static final int CHECKSUM = 8;
    private static final int HEADER = 10;

    private final String what;
    private final ByteBuffer in;

    /** @throws InvalidRequest if magic, version or checksum are wrong */
    StateReader(String what, byte[] bytes) throws InvalidRequest {
        this.what = what;
        if (bytes.length < HEADER + CHECKSUM) {
            throw new InvalidRequest(what + " has " + bytes.length + " bytes, too few for any");
        }
        int end = bytes.length - CHECKSUM;
        this.in = ByteBuffer.wrap(bytes, 0, end).order(ByteOrder.LITTLE_ENDIAN);
        long magic = u64();
        if (magic != SavedState.MAGIC) {
            throw wrong(0, "magic 0x" + Long.toHexString(magic) + " is that of another program, version or processor");
        }
        int version = in.getShort() & 0xFFFF;
        if (version != SavedState.VERSION) {
            throw wrong(8, "version " + version + " is not known, only " + SavedState.VERSION);
        }
        long stated = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(end);
        if (stated != Crc64.of(bytes, 0, end)) {
            throw wrong(end, "checksum does not match");
        }
    }

    private InvalidRequest wrong(int place, String rule) {
        return new InvalidRequest(what + " at " + place + ": " + rule);
    }

    private void need(long size) throws InvalidRequest {
        if (size < 0 || size > in.remaining()) {
            throw wrong(in.position(), size + " bytes are wanted and " + in.remaining() + " left");
        }
    }

    int u8() throws InvalidRequest {
        need(1);
        return in.get() & 0xFF;
    }

    boolean bool() throws InvalidRequest {
        int value = u8();
        if (value > 1) {
            throw wrong(in.position() - 1, value + " is neither 0 nor 1");
        }
        return value == 1;
    }

    int u32() throws InvalidRequest {
        need(4);
        return in.getInt();
    }

    long u64() throws InvalidRequest {
        need(8);
        return in.getLong();
    }

    /** Elements of a list, each of at least {@code size} bytes. */
    int count(int size) throws InvalidRequest {
        long count = u64();
        if (count < 0 || count > in.remaining() / size) {
            throw wrong(in.position() - 8, "a list of " + Long.toUnsignedString(count) + " elements does not fit");
        }
        return (int) count;
    }

    String string() throws InvalidRequest {
        return new String(blob(), StandardCharsets.UTF_8);
    }

    byte[] blob() throws InvalidRequest {
        long length = u64();
        need(length);
        byte[] read = new byte[(int) length];
        in.get(read);
        return read;
    }

    /** @throws InvalidRequest if there is more than was read */
    void end() throws InvalidRequest {
        if (in.hasRemaining()) {
            throw wrong(in.position(), in.remaining() + " bytes follow that mean nothing");
        }
    }
}
