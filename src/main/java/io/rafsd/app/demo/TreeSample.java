package io.rafsd.app.demo;

import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Compares files read through a mount with the originals they were built from, byte for byte. */
record TreeSample(Path original, Path mounted) {

    private static final int PART = 1 << 20;

    /**
     * Compares whole files, and one megabyte from the middle of a large one. Files the JDK at hand has not are left out.
     *
     * @return how many were compared
     * @throws IntegrityFailure at the first difference
     */
    int compare(List<String> files, String large) throws IOException {
        int compared = 0;
        for (String file : files) {
            if (Files.isRegularFile(original.resolve(file))) {
                if (Files.mismatch(original.resolve(file), mounted.resolve(file)) >= 0) {
                    throw new IntegrityFailure(file + " differs from the original");
                }
                compared++;
            }
        }
        if (Files.isRegularFile(original.resolve(large))) {
            long middle = Files.size(original.resolve(large)) / 2;
            if (!part(original.resolve(large), middle).equals(part(mounted.resolve(large), middle))) {
                throw new IntegrityFailure(large + " differs from the original in the megabyte from " + middle);
            }
            compared++;
        }
        return compared;
    }

    private static ByteBuffer part(Path file, long offset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(PART);
        try (FileChannel channel = FileChannel.open(file)) {
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
                // Until the megabyte is full or the file ends.
            }
        }
        return bytes.flip();
    }
}
