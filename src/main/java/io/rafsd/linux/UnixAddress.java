package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct sockaddr_un}: the family, then the path. A path too long for it is named through a descriptor of its
 * directory, so valid until it is closed.
 *
 * @param segment the address, {@link #SIZE} bytes
 * @param directory null where the path fits as it is
 */
record UnixAddress(MemorySegment segment, @Nullable Fd directory) implements AutoCloseable {

    private static final short AF_UNIX = 1;
    /** Bytes of a path, its NUL included. */
    private static final int MAX_PATH = 108;

    static final int SIZE = 2 + MAX_PATH;

    static UnixAddress of(Arena arena, Path path) throws IOException {
        byte[] whole = bytes(path.toString());
        if (whole.length < MAX_PATH) {
            return new UnixAddress(segment(arena, whole), null);
        }
        Path parent = path.toAbsolutePath().getParent();
        Fd directory = Fd.open(parent == null ? Path.of("/") : parent, Fd.O_PATH | Fd.O_DIRECTORY, 0);
        byte[] through = bytes("/proc/self/fd/" + directory.number() + "/" + path.getFileName());
        if (through.length >= MAX_PATH) {
            directory.close();
            throw new PosixError(
                    Errno.ENAMETOOLONG,
                    "socket name " + path.getFileName() + " has "
                            + bytes(path.getFileName().toString()).length
                            + " bytes, more than the system allows; choose a shorter one");
        }
        return new UnixAddress(segment(arena, through), directory);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static MemorySegment segment(Arena arena, byte[] name) {
        MemorySegment address = arena.allocate(SIZE, 8);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
        return address;
    }

    @Override
    public void close() {
        if (directory != null) {
            directory.close();
        }
    }
}
