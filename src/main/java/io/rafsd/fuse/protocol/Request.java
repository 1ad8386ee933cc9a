package io.rafsd.fuse.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * One request as the kernel wrote it: {@code struct fuse_in_header} of 40 bytes, then the operation's own structure. A view
 * over a worker's buffer that is moved from request to request; confined to that worker.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/include/uapi/linux/fuse.h">linux/fuse.h</a>
 */
public final class Request {

    /** Bytes of the header. */
    public static final int HEADER_SIZE = 40;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment buffer;
    private long length;

    public Request(MemorySegment buffer) {
        this.buffer = buffer;
    }

    /**
     * Points to the request of {@code length} bytes at the start of the buffer.
     *
     * @return false if that is no request
     */
    public boolean receive(long length) {
        this.length = length;
        return length >= HEADER_SIZE && buffer.get(U32, 0) == length;
    }

    public int opcode() {
        return buffer.get(U32, 4);
    }

    /** Goes back unchanged with the reply, its top bit included: that marks a request which is sent again. */
    public long unique() {
        return buffer.get(U64, 8);
    }

    public long nodeId() {
        return buffer.get(U64, 16);
    }

    /** Bytes after the header. */
    public long bodySize() {
        return length - HEADER_SIZE;
    }

    /** A 32-bit field of the body, 0 where the body is shorter: later kernels append fields. */
    public int int32(int at) {
        return at + 4 <= bodySize() ? buffer.get(U32, HEADER_SIZE + at) : 0;
    }

    /** A 64-bit field of the body, 0 where the body is shorter. */
    public long int64(int at) {
        return at + 8 <= bodySize() ? buffer.get(U64, HEADER_SIZE + at) : 0;
    }

    /** The NUL-terminated name at {@code at} of the body, without the NUL; null if there is no NUL. */
    public @Nullable MemorySegment name(int at) {
        long end = (long) HEADER_SIZE + at;
        while (end < length && buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
            end++;
        }
        return end < length ? buffer.asSlice((long) HEADER_SIZE + at, end - HEADER_SIZE - at) : null;
    }
}
