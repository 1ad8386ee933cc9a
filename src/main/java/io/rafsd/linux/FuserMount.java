package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mounts FUSE filesystems for users who may not mount: the setuid program {@code fusermount3} does it and passes the
 * device's descriptor back over a socket. The child is started with {@code posix_spawn}, because Java's own way closes every
 * descriptor but the first three in a child.
 *
 * @see <a href="https://man7.org/linux/man-pages/man1/fusermount3.1.html">fusermount3(1)</a>
 */
public final class FuserMount {

    private static final String PROGRAM = "fusermount3";
    private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;

    private static final MethodHandle SOCKETPAIR =
            Native.bind("socketpair", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle FCNTL =
            Native.bindVariadic("fcntl", 2, Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle POSIX_SPAWN =
            Native.bind("posix_spawn", Native.intFunction(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle WAITPID = Native.bind("waitpid", Native.intFunction(JAVA_INT, ADDRESS, JAVA_INT));

    private FuserMount() {}

    /**
     * Mounts and returns the device's descriptor.
     *
     * @param options as {@code -o} takes them
     * @throws Unsupported if the program is not installed
     */
    public static Fd mount(Path mountPoint, String options) throws IOException {
        Path program = find();
        if (program == null) {
            throw new Unsupported("mounting as an ordinary user needs " + PROGRAM
                    + ", which is not on the path; install the package fuse3, or run as root");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(JAVA_INT, 2);
            if ((int) SOCKETPAIR.invokeExact(Native.capture(), AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
                throw Native.failure("make a socket pair");
            }
            try (Fd ours = new Fd(pair.get(JAVA_INT, 0), "fusermount3 socket")) {
                int pid;
                try (Fd theirs = new Fd(pair.get(JAVA_INT, 4), "fusermount3 socket")) {
                    if ((int) FCNTL.invokeExact(Native.capture(), ours.number(), F_SETFD, FD_CLOEXEC) != 0) {
                        throw Native.failure("mark the socket");
                    }
                    pid = spawn(arena, program, mountPoint, options, theirs);
                }
                int device = UnixSocket.of(ours).receiveDescriptor();
                int status = await(arena, pid);
                if (device < 0) {
                    throw new PosixError(
                            Errno.EPERM,
                            PROGRAM + " could not mount at " + mountPoint + " (exit status " + status
                                    + "); it said why on standard error");
                }
                return new Fd(device, "/dev/fuse");
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Whether root lets the mounts of ordinary users be read by others, in {@code /etc/fuse.conf}. */
    public static boolean mayAllowOthers() {
        try {
            return Files.readAllLines(CONFIGURATION).stream()
                    .anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException e) {
            // A machine without the file allows nothing.
            return false;
        }
    }

    /** Unmounts lazily. */
    public static void unmount(Path mountPoint) throws IOException {
        Process process = new ProcessBuilder(PROGRAM, "-u", "-z", "-q", "--", mountPoint.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new PosixError(Errno.EPERM, PROGRAM + " could not unmount " + mountPoint + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while unmounting " + mountPoint);
        }
    }

    private static @Nullable Path find() {
        for (String directory :
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1)) {
            Path candidate = Path.of(directory, PROGRAM);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static int spawn(Arena arena, Path program, Path mountPoint, String options, Fd socket) throws Throwable {
        MemorySegment arguments = strings(arena, List.of(PROGRAM, "-o", options, "--", mountPoint.toString()));
        List<String> environment = new ArrayList<>();
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            environment.add(variable.getKey() + "=" + variable.getValue());
        }
        environment.add("_FUSE_COMMFD=" + socket.number());
        MemorySegment pid = arena.allocate(JAVA_INT);
        int error = (int) POSIX_SPAWN.invokeExact(
                Native.capture(),
                pid,
                Native.cString(arena, program.toString()),
                MemorySegment.NULL,
                MemorySegment.NULL,
                arguments,
                strings(arena, environment));
        if (error != 0) {
            throw new PosixError(
                    Errno.of(error), "start " + program + ": " + Errno.of(error).text());
        }
        return pid.get(JAVA_INT, 0);
    }

    /** A NULL-terminated array of C strings. */
    private static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, Native.cString(arena, texts.get(i)));
        }
        return array;
    }

    private static int await(Arena arena, int pid) throws Throwable {
        MemorySegment status = arena.allocate(JAVA_INT);
        int waited;
        do {
            waited = (int) WAITPID.invokeExact(Native.capture(), pid, status, 0);
        } while (waited < 0 && Errno.of(Native.errno()) == Errno.EINTR);
        return (status.get(JAVA_INT, 0) >> 8) & 0xFF;
    }
}
