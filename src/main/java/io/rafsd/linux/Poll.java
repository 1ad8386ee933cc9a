package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Waits until one descriptor can be read, or for a wake-up. Of several threads that wait for the same descriptor, each
 * through a poll of its own, the kernel wakes one. Confined to one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>
 */
public final class Poll implements AutoCloseable {

    /** What the wait ended with. */
    public enum Event {
        READABLE,
        /** The descriptor is in error or hung up: for a FUSE device, the mount has gone. */
        BROKEN,
        WOKEN
    }

    private static final ValueLayout.OfInt UNALIGNED = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int EPOLLIN = 1;
    private static final int EPOLLEXCLUSIVE = 1 << 28;
    private static final int EPOLL_CLOEXEC = 02000000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int MAX_EVENTS = 2;

    /** {@code struct epoll_event} is packed on x86-64 only. */
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

    private static final long EVENT_SIZE = PACKED ? 12 : 16;
    private static final long DATA_AT = PACKED ? 4 : 8;
    private static final int DEVICE = 1;
    private static final int WAKE_UP = 2;

    private static final MethodHandle CREATE = Native.bind("epoll_create1", Native.intFunction(JAVA_INT));
    private static final MethodHandle CONTROL =
            Native.bind("epoll_ctl", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle WAIT =
            Native.bind("epoll_wait", Native.intFunction(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(MAX_EVENTS * EVENT_SIZE, 8);
    private final Fd poll;

    public Poll(Fd device, WakeUp wakeUp) throws PosixError {
        try {
            int number = (int) CREATE.invokeExact(Native.capture(), EPOLL_CLOEXEC);
            if (number < 0) {
                throw Native.failure("make an epoll descriptor");
            }
            poll = new Fd(number, "epoll");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        add(device, EPOLLIN | EPOLLEXCLUSIVE, DEVICE);
        add(wakeUp.fd(), EPOLLIN, WAKE_UP);
    }

    private void add(Fd fd, int interest, int tag) throws PosixError {
        events.set(UNALIGNED, 0, interest);
        events.set(UNALIGNED, DATA_AT, tag);
        try {
            if ((int) CONTROL.invokeExact(Native.capture(), poll.number(), EPOLL_CTL_ADD, fd.number(), events) != 0) {
                throw Native.failure("watch " + fd);
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Blocks; a wake-up wins over a readable descriptor. */
    public Event await() throws PosixError {
        while (true) {
            int n;
            try {
                n = (int) WAIT.invokeExact(Native.capture(), poll.number(), events, MAX_EVENTS, -1);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            if (n < 0) {
                if (Errno.of(Native.errno()) == Errno.EINTR) {
                    continue;
                }
                throw Native.failure("wait for requests");
            }
            Event seen = Event.BROKEN;
            for (int i = 0; i < n; i++) {
                if (events.get(UNALIGNED, i * EVENT_SIZE + DATA_AT) == WAKE_UP) {
                    return Event.WOKEN;
                }
                seen = (events.get(UNALIGNED, i * EVENT_SIZE) & EPOLLIN) != 0 ? Event.READABLE : Event.BROKEN;
            }
            if (n > 0) {
                return seen;
            }
        }
    }

    @Override
    public void close() {
        poll.close();
        arena.close();
    }
}
