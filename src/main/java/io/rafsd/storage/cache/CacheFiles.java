package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Names of the files that belong to one cached blob: nydusd's, and our record beside them.
 *
 * @param directory that holds them
 * @param id of the blob
 */
public record CacheFiles(Path directory, BlobId id) {

    private static final String DATA = ".blob.data";

    /** Uncompressed chunks at their uncompressed offsets, sparse. */
    public Path data() {
        return directory.resolve(id + DATA);
    }

    /** Which chunks are there. */
    Path chunkMap() {
        return directory.resolve(id + DATA + ".chunk_map");
    }

    /** The chunk table. */
    public Path meta() {
        return directory.resolve(id + ".blob.meta");
    }

    /** Our own record of the chunks that we wrote or verified. */
    Path sidecar() {
        return directory.resolve(id + DATA + ".rafsd");
    }

    /** Deletes what describes the data before the data, so that a crash in between leaves nothing that lies. */
    void delete() throws IOException {
        deleteRecords();
        Files.deleteIfExists(meta());
        Files.deleteIfExists(data());
    }

    void deleteRecords() throws IOException {
        Files.deleteIfExists(chunkMap());
        Files.deleteIfExists(sidecar());
    }

    /** The blob whose data file this is, or null if it is another file. */
    static @Nullable BlobId blobOf(Path file) {
        String name = file.getFileName().toString();
        if (!name.endsWith(DATA)) {
            return null;
        }
        String id = name.substring(0, name.length() - DATA.length());
        return BlobId.isLegal(id) ? new BlobId(id) : null;
    }
}
