package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * What {@code statx(2)} says of an open file. Inode, device and birth together tell a file from another that took its
 * name later. Birth is 0 where the file system keeps none.
 *
 * @param inode number
 * @param device major number in the upper, minor in the lower 32 bits
 * @param birthSeconds since 1970
 * @param birthNanos of that second
 * @param sizeBytes logical
 * @param diskBytes that its blocks take
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
public record FileFacts(long inode, long device, long birthSeconds, int birthNanos, long sizeBytes, long diskBytes) {

    private static final MethodHandle STATX =
            Native.bind("statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int BASIC_STATS = 0x7ff;
    private static final int BTIME = 0x800;

    /** struct statx is the same on every architecture. */
    private static final int STATX_SIZE = 256;

    private static final int INODE = 32;
    private static final int SIZE = 40;
    private static final int BLOCKS = 48;
    private static final int BIRTH_SECONDS = 80;
    private static final int BIRTH_NANOS = 88;
    private static final int DEVICE_MAJOR = 136;
    private static final int DEVICE_MINOR = 140;
    private static final int BLOCK = 512;

    public static FileFacts of(Fd file) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_SIZE, Long.BYTES);
            MemorySegment noPath = arena.allocateFrom("");
            int result = (int) STATX.invokeExact(
                    Native.capture(), file.number(), noPath, AT_EMPTY_PATH, BASIC_STATS | BTIME, statx);
            if (result < 0) {
                throw Native.failure("stat " + file);
            }
            return new FileFacts(
                    statx.get(JAVA_LONG, INODE),
                    (long) statx.get(JAVA_INT, DEVICE_MAJOR) << 32
                            | Integer.toUnsignedLong(statx.get(JAVA_INT, DEVICE_MINOR)),
                    statx.get(JAVA_LONG, BIRTH_SECONDS),
                    statx.get(JAVA_INT, BIRTH_NANOS),
                    statx.get(JAVA_LONG, SIZE),
                    statx.get(JAVA_LONG, BLOCKS) * BLOCK);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
