package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Waits for others to connect to a unix socket that only its owner may use. {@link #close} may come from any thread. */
public final class UnixListener implements AutoCloseable {

    private static final int SOCK_CLOEXEC = 02000000;
    private static final int BACKLOG = 16;
    private static final MethodHandle BIND = Native.bind("bind", Native.intFunction(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN = Native.bind("listen", Native.intFunction(JAVA_INT, JAVA_INT));
    private static final MethodHandle ACCEPT =
            Native.bind("accept4", Native.intFunction(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));

    private final Fd fd;
    private final Path path;
    private volatile boolean closed;

    private UnixListener(Fd fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    /** Listens at {@code path}, in place of whatever socket has been there. */
    public static UnixListener bind(Path path) throws IOException {
        Path made = path.resolveSibling(path.getFileName() + "~");
        Files.deleteIfExists(made);
        Fd fd = UnixSocket.open(path);
        try (Arena arena = Arena.ofConfined();
                UnixAddress address = UnixAddress.of(arena, made)) {
            if ((int) BIND.invokeExact(Native.capture(), fd.number(), address.segment(), UnixAddress.SIZE) != 0) {
                throw Native.failure("make the socket " + path);
            }
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            if ((int) LISTEN.invokeExact(Native.capture(), fd.number(), BACKLOG) != 0) {
                throw Native.failure("listen at " + path);
            }
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new UnixListener(fd, path);
        } catch (IOException e) {
            fd.close();
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Waits for the next one; null once this is closed. */
    public @Nullable UnixSocket accept() throws PosixError {
        try {
            while (!closed) {
                int number = (int) ACCEPT.invokeExact(
                        Native.capture(), fd.number(), MemorySegment.NULL, MemorySegment.NULL, SOCK_CLOEXEC);
                if (number >= 0) {
                    return UnixSocket.of(new Fd(number, "a connection to " + path));
                }
                Errno errno = Errno.of(Native.errno());
                if (!closed && errno != Errno.EINTR && errno != Errno.ECONNABORTED) {
                    throw Native.failure("accept at " + path);
                }
            }
            fd.close();
            return null;
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Removes the socket, and lets {@link #accept} return. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            UnixSocket.shutdown(fd);
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // Somebody else's directory by now; who connects there is refused.
            }
        }
    }
}
