package io.rafsd.upgrade;

import io.rafsd.error.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes one document of nydusd's state: magic, version, fields, checksum. */
final class StateWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private final int longest;

    /** @param longest bytes of a text */
    StateWriter(int longest) {
        this.longest = longest;
        u64(SavedState.MAGIC).u16(SavedState.VERSION);
    }

    StateWriter u8(int value) {
        out.write(value);
        return this;
    }

    StateWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    StateWriter u16(int value) {
        return number(2, value);
    }

    StateWriter u32(int value) {
        return number(4, value);
    }

    StateWriter u64(long value) {
        return number(8, value);
    }

    private StateWriter number(int size, long value) {
        byte[] bytes = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(bytes, 0, size);
        return this;
    }

    /** @throws InvalidRequest if it is longer than a reader takes */
    StateWriter string(String what, String text) throws InvalidRequest {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > longest) {
            throw new InvalidRequest("state cannot be saved: the " + what + " has " + bytes.length
                    + " bytes, and a successor takes " + longest + "; shorten it");
        }
        return blob(bytes);
    }

    StateWriter blob(byte[] bytes) {
        u64(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    byte[] finish() {
        byte[] written = out.toByteArray();
        u64(Crc64.of(written, 0, written.length));
        return out.toByteArray();
    }
}
