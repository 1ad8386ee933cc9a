package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A built image.
 *
 * @param bootstrap its metadata
 * @param blobs its data; none if the tree holds no bytes
 * @param statistics of the build
 */
public record BuiltImage(Path bootstrap, List<Blob> blobs, Statistics statistics) {

    /**
     * One blob.
     *
     * @param id SHA-256 of the file
     * @param file named as the id
     * @param chunkTable the chunk table alone, uncompressed, in the form of a cache's {@code .blob.meta} file
     * @param size of the file, bytes
     */
    public record Blob(BlobId id, Path file, Path chunkTable, long size) {}

    /**
     * What a build did.
     *
     * @param entries directory entries, with the root
     * @param files regular files, a file with several names counted once
     * @param fileBytes of their content
     * @param chunks stored
     * @param repeatedChunks that an earlier chunk stands for
     * @param storedBytes of chunks, compressed
     * @param time it took
     */
    public record Statistics(
            long entries,
            long files,
            long fileBytes,
            int chunks,
            long repeatedChunks,
            long storedBytes,
            Duration time) {}
}
