package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The answer of {@code statx(2)}, whose structure is the same on every architecture. A view, valid as long as the arena it
 * was asked with.
 *
 * @param bytes struct statx
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
record Statx(MemorySegment bytes) {

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int AT_STATX_FORCE_SYNC = 0x2000;

    private static final MethodHandle STATX =
            Native.bind("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final int BASIC_STATS = 0x7ff;
    private static final int BTIME = 0x800;
    private static final int STRUCT_SIZE = 256;
    private static final int BLOCK = 512;

    /** Asks of {@code path}, below {@code directory} or, with {@link #AT_EMPTY_PATH}, of that descriptor itself. */
    static Statx ask(Arena arena, int directory, MemorySegment path, int flags, String name) throws PosixError {
        try {
            MemorySegment answer = arena.allocate(STRUCT_SIZE, Long.BYTES);
            int result = (int) STATX.invokeExact(Native.capture(), directory, path, flags, BASIC_STATS | BTIME, answer);
            if (result < 0) {
                throw Native.failure("stat " + name);
            }
            return new Statx(answer);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    int nlink() {
        return bytes.get(JAVA_INT, 16);
    }

    int uid() {
        return bytes.get(JAVA_INT, 20);
    }

    int gid() {
        return bytes.get(JAVA_INT, 24);
    }

    int mode() {
        return Short.toUnsignedInt(bytes.get(JAVA_SHORT, 28));
    }

    long inode() {
        return bytes.get(JAVA_LONG, 32);
    }

    long size() {
        return bytes.get(JAVA_LONG, 40);
    }

    long diskBytes() {
        return bytes.get(JAVA_LONG, 48) * BLOCK;
    }

    long birthSeconds() {
        return bytes.get(JAVA_LONG, 80);
    }

    int birthNanos() {
        return bytes.get(JAVA_INT, 88);
    }

    long modifiedSeconds() {
        return bytes.get(JAVA_LONG, 112);
    }

    int modifiedNanos() {
        return bytes.get(JAVA_INT, 120);
    }

    /** The kernel's 32-bit form of a device file's numbers: minor's low byte, major, rest of minor. */
    int deviceNumber() {
        int major = bytes.get(JAVA_INT, 128);
        int minor = bytes.get(JAVA_INT, 132);
        return (minor & 0xFF) | major << 8 | (minor & ~0xFF) << 12;
    }

    /** Major number in the upper, minor in the lower 32 bits. */
    long fileSystem() {
        return (long) bytes.get(JAVA_INT, 136) << 32 | Integer.toUnsignedLong(bytes.get(JAVA_INT, 140));
    }
}
