package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Limits and identity of this process.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/getrlimit.2.html">getrlimit(2)</a>
 */
public final class Limits {

    private static final int RLIMIT_NOFILE = 7;
    private static final Path MOST_OPEN_FILES = Path.of("/proc/sys/fs/nr_open");
    private static final Path COMMAND_NAME = Path.of("/proc/self/comm");
    private static final MethodHandle GETRLIMIT = Native.bind("getrlimit", Native.intFunction(JAVA_INT, ADDRESS));
    private static final MethodHandle SETRLIMIT = Native.bind("setrlimit", Native.intFunction(JAVA_INT, ADDRESS));
    private static final MethodHandle GETEUID = Native.bind("geteuid", Native.intFunction());
    private static final MethodHandle GETEGID = Native.bind("getegid", Native.intFunction());

    private Limits() {}

    /**
     * Raises the number of files that may be open to {@code wanted}, or as far as the system allows; never lowers it. Who has
     * the capability SYS_RESOURCE raises its own hard limit too.
     *
     * @return what it is now
     */
    public static long raiseOpenFiles(long wanted) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            if ((int) GETRLIMIT.invokeExact(Native.capture(), RLIMIT_NOFILE, limit) != 0) {
                throw Native.failure("read the limit of open files");
            }
            // Unlimited is the largest number without a sign.
            long soft = limit.get(JAVA_LONG, 0);
            long hard = limit.get(JAVA_LONG, 8);
            if (Long.compareUnsigned(wanted, soft) <= 0) {
                return soft < 0 ? Long.MAX_VALUE : soft;
            }
            if (Long.compareUnsigned(wanted, hard) > 0) {
                long most = Math.min(wanted, most());
                if (Long.compareUnsigned(most, hard) > 0 && set(limit, most, most)) {
                    return most;
                }
            }
            long possible = Long.compareUnsigned(wanted, hard) > 0 ? hard : wanted;
            if (possible != soft && !set(limit, possible, hard)) {
                throw Native.failure("raise the limit of open files from " + soft + " to " + possible);
            }
            return possible;
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static boolean set(MemorySegment limit, long soft, long hard) throws Throwable {
        limit.set(JAVA_LONG, 0, soft);
        limit.set(JAVA_LONG, 8, hard);
        return (int) SETRLIMIT.invokeExact(Native.capture(), RLIMIT_NOFILE, limit) == 0;
    }

    /** What the kernel grants to nobody more than; 0 where it does not say. */
    private static long most() {
        try {
            return Long.parseLong(Files.readString(MOST_OPEN_FILES).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Names this process for who lists or kills processes by name; at most 15 bytes are kept. */
    public static void nameProcess(String name) throws IOException {
        // The file of the whole process is that of its first thread, whichever thread writes it.
        Files.writeString(COMMAND_NAME, name);
    }

    public static int effectiveUser() {
        try {
            return (int) GETEUID.invokeExact(Native.capture());
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    public static int effectiveGroup() {
        try {
            return (int) GETEGID.invokeExact(Native.capture());
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
