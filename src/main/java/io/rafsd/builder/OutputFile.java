package io.rafsd.builder;

import io.rafsd.linux.Fd;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that appears whole or not at all; or a pipe that gets what is whole. */
final class OutputFile {

    private OutputFile() {}

    static void write(MemorySegment bytes, Path file) throws IOException {
        Path temporary = begin(file);
        try {
            try (Fd fd = Fd.open(temporary, Fd.O_WRONLY, 0)) {
                fd.pwriteFully(bytes, 0);
            }
            publish(temporary, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** An empty file beside {@code file}, for its bytes while they are written. */
    static Path begin(Path file) throws IOException {
        return isStream(file)
                ? Files.createTempFile("output", ".part")
                : Files.createTempFile(file.toAbsolutePath().getParent(), "output", ".part");
    }

    /**
     * Gives a file that is whole its name; everybody may read it, as what a tool writes for others to serve. A pipe or a
     * device that has the name gets the bytes: converters read what is built from a named pipe.
     */
    static void publish(Path temporary, Path file) throws IOException {
        if (isStream(file)) {
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
                Files.copy(temporary, out);
            }
            Files.delete(temporary);
            return;
        }
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isStream(Path file) {
        return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
    }
}
