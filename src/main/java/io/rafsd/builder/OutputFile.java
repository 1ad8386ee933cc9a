package io.rafsd.builder;

import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that appears whole or not at all. */
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
        return Files.createTempFile(file.toAbsolutePath().getParent(), "output", ".part");
    }

    /** Gives a file that is whole its name; everybody may read it, as what a tool writes for others to serve. */
    static void publish(Path temporary, Path file) throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
