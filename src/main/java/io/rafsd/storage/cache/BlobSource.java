package io.rafsd.storage.cache;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.stats.CacheStats;
import io.rafsd.storage.backend.BlobReader;
import java.nio.file.Path;

/**
 * One blob as one mount sees it. All of it must stay usable until the lease is closed.
 *
 * @param info what the image states about it
 * @param digests what the image states about its chunks
 * @param table where its chunk table is
 * @param reader of its origin, already with retries and counters
 * @param directory for its cache files; made if it is not there
 * @param amplifyBytes uncompressed bytes to fetch beyond what a reader asked, where the following chunks are absent
 * @param stats of the mount
 */
public record BlobSource(
        BlobInfo info,
        ChunkDigests digests,
        ChunkTableSource table,
        BlobReader reader,
        Path directory,
        int amplifyBytes,
        CacheStats stats) {

    /** Of a blob that holds its own chunk table. */
    public BlobSource(
            BlobInfo info,
            ChunkDigests digests,
            BlobReader reader,
            Path directory,
            int amplifyBytes,
            CacheStats stats) {
        this(info, digests, new ChunkTableSource.Blob(reader), reader, directory, amplifyBytes, stats);
    }
}
