package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that one process at a time has for itself, until it gives it up or dies. The file goes with who gives it up.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/flock.2.html">flock(2)</a>
 */
public final class LockFile implements AutoCloseable {

    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int OWNER_ONLY = 0600;
    private static final MethodHandle FLOCK = Native.bind("flock", Native.intFunction(JAVA_INT, JAVA_INT));

    private final Path path;
    private final Fd fd;

    private LockFile(Path path, Fd fd) {
        this.path = path;
        this.fd = fd;
    }

    /** @return null if another process has it */
    public static @Nullable LockFile tryLock(Path path) throws IOException {
        while (true) {
            Fd fd = Fd.open(path, Fd.O_RDWR | Fd.O_CREAT | Fd.O_NOFOLLOW, OWNER_ONLY);
            try {
                if ((int) FLOCK.invokeExact(Native.capture(), fd.number(), LOCK_EX | LOCK_NB) != 0) {
                    if (Errno.of(Native.errno()) != Errno.EAGAIN) {
                        throw Native.failure("lock " + path);
                    }
                    fd.close();
                    return null;
                }
            } catch (PosixError e) {
                fd.close();
                throw e;
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            // Its owner may have removed it between our two calls; what we have locked then is nobody's.
            if (isAt(fd, path)) {
                return new LockFile(path, fd);
            }
            fd.close();
        }
    }

    private static boolean isAt(Fd fd, Path path) {
        try {
            return Files.isSameFile(Path.of("/proc/self/fd/" + fd.number()), path);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next one finds it unlocked.
        }
        fd.close();
    }
}
