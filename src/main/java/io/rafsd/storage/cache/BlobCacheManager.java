package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The lifetime of cached blobs: one {@link BlobCache} per blob and directory however many mounts use it. A singleton.
 * Safe for many threads.
 */
public interface BlobCacheManager extends AutoCloseable {

    /**
     * Opens a blob for a mount, or shares it with the mounts that have it. Asks nothing of the backend. A directory that
     * cannot be used is no failure: the blob is then served without being kept.
     *
     * @throws io.rafsd.error.Unsupported if the blob is of a kind that this cache cannot serve
     */
    BlobCacheLease acquire(BlobSource source) throws IOException;

    /** Every blob that is open, and every one that lies unused in a known cache directory. */
    List<CachedBlob> blobs();

    /**
     * Deletes the cache files of a blob that nobody uses.
     *
     * @throws io.rafsd.error.NotFound if no such blob is cached
     * @throws io.rafsd.error.InvalidRequest if it is in use
     */
    void delete(BlobId id) throws IOException;

    @Override
    void close();

    /**
     * One cached blob.
     *
     * @param id of the blob
     * @param path of its cache file
     * @param sizeBytes of its uncompressed address space; 0 if unknown (unused since the start)
     * @param diskBytes that its cache file takes on disk
     * @param chunks in the blob; 0 if unknown
     * @param readyChunks on local disk
     * @param verifiedChunks of those whose digest was checked by us
     * @param users mounts that use it
     */
    record CachedBlob(
            BlobId id,
            Path path,
            long sizeBytes,
            long diskBytes,
            int chunks,
            int readyChunks,
            int verifiedChunks,
            int users) {}
}
