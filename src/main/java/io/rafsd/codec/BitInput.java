package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads a stream by bits, the lowest of a byte first, and knows how many it has given. For one thread. */
final class BitInput {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** What may be given back after the buffer has been filled anew. */
    private static final int KEPT = Long.BYTES;

    private static final int SIZE = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[KEPT + SIZE];
    private int next = KEPT;
    private int end = KEPT;
    /** Of the stream, before the buffer. */
    private long before;
    /** Bits taken from the buffer; those above {@link #count} are what the buffer holds next. */
    private long bits;

    private int count;

    BitInput(InputStream in) {
        this.in = in;
    }

    /** Bytes of which at least one bit has been given. */
    long position() {
        return before + next - KEPT - count / Byte.SIZE;
    }

    /** How many bits of the byte before {@link #position} have not been given. */
    int bitsLeft() {
        return count % Byte.SIZE;
    }

    /** The byte before {@link #position} as far as it has not been given: its highest bits, the others are 0. */
    int partialByte() {
        return (int) (bits << Byte.SIZE - bitsLeft()) & 0xFF;
    }

    /** The next bits without taking them; behind the end of the stream they are 0. At most 32. */
    int peek(int wanted) throws IOException {
        if (count < wanted) {
            fill();
        }
        return (int) (bits & (1L << wanted) - 1);
    }

    /** Takes bits that have been looked at. */
    void drop(int taken) throws IntegrityFailure {
        if (taken > count) {
            throw ended();
        }
        bits >>>= taken;
        count -= taken;
    }

    int take(int wanted) throws IOException {
        int found = peek(wanted);
        drop(wanted);
        return found;
    }

    /** Goes on to the start of a byte. */
    void align() throws IntegrityFailure {
        drop(bitsLeft());
    }

    /** Whether nothing is left; at the start of a byte. */
    boolean isAtEnd() throws IOException {
        peek(Byte.SIZE);
        return count == 0;
    }

    /** Takes up to {@code length} whole bytes, at least one; at the start of a byte. */
    int take(byte[] target, int offset, int length) throws IOException {
        next -= count / Byte.SIZE;
        count = 0;
        bits = 0;
        if (next == end && !refill()) {
            throw ended();
        }
        int taken = Math.min(length, end - next);
        System.arraycopy(buffer, next, target, offset, taken);
        next += taken;
        return taken;
    }

    private void fill() throws IOException {
        if (end - next >= Long.BYTES) {
            bits |= (long) LONG.get(buffer, next) << count;
            int bytes = Long.SIZE - 1 - count >> 3;
            next += bytes;
            count += bytes * Byte.SIZE;
            return;
        }
        bits &= (1L << count) - 1;
        while (count <= Long.SIZE - 2 * Byte.SIZE && (next < end || refill())) {
            bits |= (buffer[next++] & 0xFFL) << count;
            count += Byte.SIZE;
        }
    }

    private boolean refill() throws IOException {
        int kept = Math.min(KEPT, end);
        System.arraycopy(buffer, end - kept, buffer, 0, kept);
        before += end - KEPT;
        next = KEPT;
        end = KEPT;
        int read = in.read(buffer, KEPT, SIZE);
        end += Math.max(0, read);
        return read > 0;
    }

    private IntegrityFailure ended() {
        return new IntegrityFailure("the gzip data ends within a member, after " + position() + " bytes");
    }
}
