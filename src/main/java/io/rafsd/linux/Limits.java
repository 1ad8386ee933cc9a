package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Limits and identity of this process.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/getrlimit.2.html">getrlimit(2)</a>
 */
public final class Limits {

    private static final int RLIMIT_NOFILE = 7;
    private static final MethodHandle GETRLIMIT = Native.bind("getrlimit", Native.intFunction(JAVA_INT, ADDRESS));
    private static final MethodHandle SETRLIMIT = Native.bind("setrlimit", Native.intFunction(JAVA_INT, ADDRESS));
    private static final MethodHandle GETEUID = Native.bind("geteuid", Native.intFunction());
    private static final MethodHandle GETEGID = Native.bind("getegid", Native.intFunction());

    private Limits() {}

    /**
     * Raises the number of files that may be open to {@code wanted}, or as far as the system allows; never lowers it.
     *
     * @return what it is now
     */
    public static long raiseOpenFiles(long wanted) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(16, 8);
            if ((int) GETRLIMIT.invokeExact(Native.capture(), RLIMIT_NOFILE, limit) != 0) {
                throw Native.failure("read the limit of open files");
            }
            long soft = limit.get(JAVA_LONG, 0);
            long hard = limit.get(JAVA_LONG, 8);
            // Unlimited is minus one.
            long possible = hard < 0 ? wanted : Math.min(wanted, hard);
            if (soft >= 0 && possible > soft) {
                limit.set(JAVA_LONG, 0, possible);
                if ((int) SETRLIMIT.invokeExact(Native.capture(), RLIMIT_NOFILE, limit) != 0) {
                    throw Native.failure("raise the limit of open files from " + soft + " to " + possible);
                }
                return possible;
            }
            return soft;
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
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
