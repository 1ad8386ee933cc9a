package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The process at the other end of a socket, by a descriptor and not by its number, which may become another's. That of a
 * listening socket is the process that listened. Confined to one thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
 */
public final class PeerProcess implements AutoCloseable {

    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    /** Since Linux 6.5. */
    private static final int SO_PEERPIDFD = 77;

    private static final long SYS_PIDFD_OPEN = 434;
    private static final short POLLIN = 1;

    private static final MethodHandle GETSOCKOPT =
            Native.bind("getsockopt", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SYSCALL =
            Native.bindVariadic("syscall", 1, Native.longFunction(JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle POLL = Native.bind("poll", Native.intFunction(ADDRESS, JAVA_LONG, JAVA_INT));

    private final long pid;
    private final @Nullable Fd fd;

    private PeerProcess(long pid, @Nullable Fd fd) {
        this.pid = pid;
        this.fd = fd;
    }

    static PeerProcess of(Fd socket) {
        try (Arena arena = Arena.ofConfined()) {
            // struct ucred: pid, uid, gid.
            MemorySegment value = arena.allocate(12, 4);
            int pid = option(arena, socket, SO_PEERCRED, value) ? value.get(JAVA_INT, 0) : 0;
            if (option(arena, socket, SO_PEERPIDFD, value)) {
                return new PeerProcess(pid, new Fd(value.get(JAVA_INT, 0), "process " + pid));
            }
            long number = pid <= 0 ? -1 : (long) SYSCALL.invokeExact(Native.capture(), SYS_PIDFD_OPEN, (long) pid, 0L);
            return new PeerProcess(pid, number < 0 ? null : new Fd((int) number, "process " + pid));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static boolean option(Arena arena, Fd socket, int name, MemorySegment value) throws Throwable {
        MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
        return (int) GETSOCKOPT.invokeExact(Native.capture(), socket.number(), SOL_SOCKET, name, value, length) == 0;
    }

    /** 0 where it is in a namespace that cannot be seen into. */
    public long pid() {
        return pid;
    }

    /** Whether its end can be seen; else it is unknown. */
    public boolean isKnown() {
        return fd != null;
    }

    /**
     * Waits for its end.
     *
     * @return whether it has ended; always, where it is unknown
     */
    public boolean awaitEnd(int millis) throws PosixError {
        if (fd == null) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            // struct pollfd: descriptor, events wanted, events seen.
            MemorySegment poll = arena.allocate(8, 4);
            poll.set(JAVA_INT, 0, fd.number());
            poll.set(JAVA_SHORT, 4, POLLIN);
            while (true) {
                int n = (int) POLL.invokeExact(Native.capture(), poll, 1L, millis);
                if (n >= 0) {
                    return n > 0;
                }
                if (Errno.of(Native.errno()) != Errno.EINTR) {
                    throw Native.failure("wait for " + this);
                }
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    @Override
    public void close() {
        if (fd != null) {
            fd.close();
        }
    }

    @Override
    public String toString() {
        return "process " + pid;
    }
}
