package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket between two processes that carries an open descriptor beside its bytes, which Java's own sockets cannot.
 * Calls block, at most for the time limit: use platform threads. One thread may send while another receives.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</a>
 */
public final class UnixSocket implements AutoCloseable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 02000000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int SCM_RIGHTS = 1;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    /** {@code struct cmsghdr}: length, level, type; then the descriptors. */
    private static final int CMSG_HEADER = 16;
    /** Room for more descriptors than anybody sends, so that none leaks unseen. */
    private static final int CONTROL_SIZE = CMSG_HEADER + 16 * Integer.BYTES;

    private static final int PIECE = 1 << 16;

    private static final MethodHandle SOCKET = Native.bind("socket", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CONNECT = Native.bind("connect", Native.intFunction(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SHUTDOWN = Native.bind("shutdown", Native.intFunction(JAVA_INT, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            Native.bind("setsockopt", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SENDMSG =
            Native.bind("sendmsg", Native.longFunction(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVMSG =
            Native.bind("recvmsg", Native.longFunction(JAVA_INT, ADDRESS, JAVA_INT));

    private final Fd fd;
    private final String name;

    private UnixSocket(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /** Takes over the descriptor of a connected socket. */
    static UnixSocket of(Fd fd) {
        return new UnixSocket(fd, fd.toString());
    }

    /**
     * What came until the other side closed.
     *
     * @param bytes all of them
     * @param fd the first descriptor, null if none came; the receiver closes it
     */
    public record Received(MemorySegment bytes, @Nullable Fd fd) {}

    /**
     * Connects.
     *
     * @param limitSeconds for each later call that waits
     * @throws PosixError ECONNREFUSED or ENOENT if nobody listens there
     */
    public static UnixSocket connect(Path path, int limitSeconds) throws IOException {
        try (Arena arena = Arena.ofConfined();
                UnixAddress address = UnixAddress.of(arena, path)) {
            UnixSocket socket = new UnixSocket(open(path), path.toString());
            try {
                if ((int) CONNECT.invokeExact(Native.capture(), socket.fd.number(), address.segment(), UnixAddress.SIZE)
                        != 0) {
                    throw Native.failure("connect to " + path);
                }
                socket.limit(SO_RCVTIMEO, limitSeconds);
                socket.limit(SO_SNDTIMEO, limitSeconds);
            } catch (Throwable e) {
                socket.close();
                throw e;
            }
            return socket;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** A new socket that is neither bound nor connected. */
    static Fd open(Path name) throws PosixError {
        try {
            int number = (int) SOCKET.invokeExact(Native.capture(), AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (number < 0) {
                throw Native.failure("make a socket");
            }
            return new Fd(number, name.toString());
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Limits what waits for the other side; 0 for no limit. */
    public void limitReceiving(int seconds) throws PosixError {
        limit(SO_RCVTIMEO, seconds);
    }

    /** Limits what waits for the other side to take something; 0 for no limit. */
    public void limitSending(int seconds) throws PosixError {
        limit(SO_SNDTIMEO, seconds);
    }

    private void limit(int option, int seconds) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(JAVA_LONG, 0, seconds);
            if ((int) SETSOCKOPT.invokeExact(Native.capture(), fd.number(), SOL_SOCKET, option, time, 16) != 0) {
                throw Native.failure("limit the time of " + name);
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** The process at the other end. */
    public PeerProcess peer() {
        return PeerProcess.of(fd);
    }

    /** Ends the stream for both sides and wakes who waits in a call here; {@link #close} is still to follow. */
    public void shutdown() {
        shutdown(fd);
    }

    static void shutdown(Fd socket) {
        try {
            int ignored = (int) SHUTDOWN.invokeExact(Native.capture(), socket.number(), SHUT_RDWR);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Sends all the bytes, of which there is at least one, and a descriptor, if there is one, with the first of them. */
    public void send(byte[] bytes, @Nullable Fd passed) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
            MemorySegment control = passed == null ? null : rights(arena, passed);
            long done = 0;
            while (done < bytes.length) {
                MemorySegment message = message(arena, data.asSlice(done), done == 0 ? control : null);
                long n = (long) SENDMSG.invokeExact(Native.capture(), fd.number(), message, MSG_NOSIGNAL);
                if (n >= 0) {
                    done += n;
                } else if (Errno.of(Native.errno()) != Errno.EINTR) {
                    throw Native.failure("send to " + name);
                }
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static MemorySegment rights(Arena arena, Fd passed) {
        MemorySegment control = arena.allocate(24, 8);
        control.set(JAVA_LONG, 0, CMSG_HEADER + Integer.BYTES);
        control.set(JAVA_INT, 8, SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        control.set(JAVA_INT, 16, passed.number());
        return control;
    }

    /**
     * Receives so many bytes, and the first descriptor that comes beside them.
     *
     * @return null if the other side has closed
     * @throws EOFException if it closes in the middle
     */
    public @Nullable Received receive(int length) throws IOException {
        Fd passed = null;
        long done = 0;
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Math.clamp(length, 1, PIECE));
            while (done < length) {
                Piece piece = receive(arena, data.asSlice(0, Math.min(data.byteSize(), length - done)));
                passed = firstOf(passed, piece);
                if (piece.length() == 0) {
                    if (done == 0) {
                        return null;
                    }
                    throw new EOFException(name + " ended after " + done + " of " + length + " bytes");
                }
                MemorySegment.copy(data, 0, bytes, done, piece.length());
                done += piece.length();
            }
            Received received = new Received(bytes, passed);
            passed = null;
            return received;
        } finally {
            if (passed != null) {
                passed.close();
            }
        }
    }

    private @Nullable Fd firstOf(@Nullable Fd before, Piece piece) {
        if (piece.fd() < 0) {
            return before;
        }
        Fd came = new Fd(piece.fd(), "a descriptor from " + name);
        if (before == null) {
            return came;
        }
        came.close();
        return before;
    }

    /** Receives until the other side closes. */
    public Received receiveAll(int limitBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Fd passed = null;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(PIECE);
            while (true) {
                Piece piece = receive(arena, data);
                passed = firstOf(passed, piece);
                if (piece.length() == 0) {
                    return new Received(MemorySegment.ofArray(bytes.toByteArray()), passed);
                }
                bytes.writeBytes(data.asSlice(0, piece.length()).toArray(ValueLayout.JAVA_BYTE));
                if (bytes.size() > limitBytes) {
                    throw new InvalidRequest(name + " sends more than " + limitBytes + " bytes");
                }
            }
        } catch (IOException | RuntimeException e) {
            if (passed != null) {
                passed.close();
            }
            throw e;
        }
    }

    /** The first descriptor that comes, -1 if the other side closes without sending one. */
    int receiveDescriptor() throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            return receive(arena, arena.allocate(4)).fd();
        }
    }

    /** @param fd -1 for none */
    private record Piece(long length, int fd) {}

    private Piece receive(Arena arena, MemorySegment data) throws PosixError {
        MemorySegment control = arena.allocate(CONTROL_SIZE, 8);
        MemorySegment message = message(arena, data, control);
        try {
            while (true) {
                long n = (long) RECVMSG.invokeExact(Native.capture(), fd.number(), message, MSG_CMSG_CLOEXEC);
                if (n >= 0) {
                    return new Piece(n, descriptor(message, control));
                }
                if (Errno.of(Native.errno()) != Errno.EINTR) {
                    throw Native.failure("receive from " + name);
                }
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** The first one; whatever came beside it is closed. */
    private static int descriptor(MemorySegment message, MemorySegment control) {
        if (message.get(JAVA_LONG, 40) < CMSG_HEADER + Integer.BYTES || control.get(JAVA_INT, 12) != SCM_RIGHTS) {
            return -1;
        }
        long count = (control.get(JAVA_LONG, 0) - CMSG_HEADER) / Integer.BYTES;
        for (long i = 1; i < count; i++) {
            new Fd(control.get(JAVA_INT, CMSG_HEADER + i * Integer.BYTES), "a descriptor too many").close();
        }
        return control.get(JAVA_INT, CMSG_HEADER);
    }

    /** {@code struct msghdr}: name, its length, iovecs, their count, control, its length, flags. */
    private static MemorySegment message(Arena arena, MemorySegment data, @Nullable MemorySegment control) {
        Iovecs iovecs = new Iovecs(arena, 1);
        iovecs.set(0, data, data.byteSize());
        MemorySegment message = arena.allocate(56, 8);
        message.set(ADDRESS, 16, iovecs.segment());
        message.set(JAVA_LONG, 24, 1);
        if (control != null) {
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, control.byteSize());
        }
        return message;
    }

    @Override
    public void close() {
        fd.close();
    }
}
