package io.rafsd.image.pack;

import java.nio.file.Path;
import java.util.List;

/**
 * A RAFS image on local disk.
 *
 * @param bootstrap its metadata
 * @param blobs its data, in the order of its blob table; may be empty
 * @param fsVersion "5" or "6"
 */
public record BuiltRafs(Path bootstrap, List<Blob> blobs, String fsVersion) {

    public BuiltRafs {
        blobs = List.copyOf(blobs);
    }

    /**
     * A data blob.
     *
     * @param id SHA-256 of the file, 64 hexadecimal digits: a registry stores it under this digest, and a reader asks for
     *     it by this id
     * @param file its bytes
     * @param chunkTable its chunk table alone, uncompressed, in the form of a cache's {@code .blob.meta} file
     */
    public record Blob(String id, Path file, Path chunkTable) {}
}
