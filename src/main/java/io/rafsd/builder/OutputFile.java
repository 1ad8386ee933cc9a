package io.rafsd.builder;

import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that appears whole or not at all. */
final class OutputFile {

    private OutputFile() {}

    static void write(MemorySegment bytes, Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path temporary = Files.createTempFile(directory, "output", ".part");
        try {
            try (Fd fd = Fd.open(temporary, Fd.O_WRONLY, 0)) {
                fd.pwriteFully(bytes, 0);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
