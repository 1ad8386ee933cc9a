package io.rafsd.demo.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blobs on their way in: an upload is begun, gets its bytes in one or more parts, and is finished with its digest. Parts
 * of one upload come one after the other; different uploads are independent.
 */
final class UploadDesk {

    private final Path directory;
    private final BlobShelf blobs;
    private final Map<String, Path> open = new ConcurrentHashMap<>();

    UploadDesk(Path directory, BlobShelf blobs) {
        this.directory = directory;
        this.blobs = blobs;
    }

    /** Begins an upload and returns its name. */
    String begin() throws IOException {
        String id = UUID.randomUUID().toString();
        open.put(id, Files.createFile(directory.resolve(id + ".upload")));
        return id;
    }

    /** Adds a part and returns how many bytes are there now. */
    long append(String id, InputStream part) throws IOException {
        Path file = file(id);
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            part.transferTo(out);
        }
        return Files.size(file);
    }

    long size(String id) throws IOException {
        return Files.size(file(id));
    }

    void finish(String id, String digest) throws IOException {
        Path file = file(id);
        try {
            blobs.keep(file, digest);
        } finally {
            cancel(id);
        }
    }

    void cancel(String id) throws IOException {
        Files.deleteIfExists(file(id));
        open.remove(id);
    }

    private Path file(String id) throws Refusal {
        Path file = open.get(id);
        if (file == null) {
            throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN", "no upload " + id);
        }
        return file;
    }
}
