package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Wakes every thread that waits in a {@link Poll}, and keeps them awake until it is reset. Safe for many threads.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
 */
public final class WakeUp implements AutoCloseable {

    private static final int EFD_CLOEXEC = 02000000;
    private static final int EFD_NONBLOCK = 04000;
    private static final MethodHandle EVENTFD = Native.bind("eventfd", Native.intFunction(JAVA_INT, JAVA_INT));

    private final Fd fd;
    private volatile boolean awake;

    public WakeUp() throws PosixError {
        try {
            int number = (int) EVENTFD.invokeExact(Native.capture(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
            if (number < 0) {
                throw Native.failure("make an eventfd");
            }
            fd = new Fd(number, "eventfd");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    Fd fd() {
        return fd;
    }

    /** Whether threads are being woken; for those that are too busy to wait. */
    public boolean isAwake() {
        return awake;
    }

    public void wake() throws PosixError {
        awake = true;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(JAVA_LONG);
            one.set(JAVA_LONG, 0, 1);
            fd.write(one);
        }
    }

    /** Lets the next wait block again. */
    public void reset() throws PosixError {
        awake = false;
        try (Arena arena = Arena.ofConfined()) {
            fd.tryRead(arena.allocate(JAVA_LONG));
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
