package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A built image.
 *
 * @param bootstrap its metadata
 * @param blobs of its data that were built; none if the tree holds no new bytes
 * @param blobTable all blobs of the image, in its order
 * @param statistics of the build
 */
public record BuiltImage(Path bootstrap, List<Blob> blobs, List<BlobInfo> blobTable, Statistics statistics) {

    /**
     * One blob.
     *
     * @param id SHA-256 of the file
     * @param file its bytes
     * @param chunkTable where the target asks for it: the chunk table alone, uncompressed, in the form of a cache's {@code .blob.meta} file
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
