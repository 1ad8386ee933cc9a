package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.stats.CacheStats;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.chunkmap.FileChunkMap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A cache manager over one directory, which can die and come back. */
final class CacheRig implements AutoCloseable {

    private final Path directory;
    private final Map<BlobId, TestBlob> blobs = new HashMap<>();
    final ChunkMapOpener maps = FileChunkMap::open;
    private final long memoryBytes;
    private final DedupDatabase dedup;
    private Transit transit;
    UUID boot = new UUID(1, 2);
    FileBlobCacheManager manager;
    CacheStats stats = new CacheStats();

    CacheRig(Path directory) {
        this(directory, 64 << 20);
    }

    CacheRig(Path directory, long memoryBytes) {
        this(directory, memoryBytes, DedupDatabase.NONE);
    }

    CacheRig(Path directory, long memoryBytes, DedupDatabase dedup) {
        this.memoryBytes = memoryBytes;
        this.dedup = dedup;
        transit = Transit.within(memoryBytes);
        this.directory = directory;
        manager = manager(transit);
    }

    private FileBlobCacheManager manager(Transit ofManager) {
        return new FileBlobCacheManager(
                ofManager,
                new ChunkStores(maps, boot),
                (info, reader, file, context) -> Objects.requireNonNull(blobs.get(info.id())),
                dedup);
    }

    BlobCacheLease open(TestBlob blob, BlobReader origin) throws IOException {
        return open(blob, origin, 0);
    }

    BlobCacheLease open(TestBlob blob, BlobReader origin, int amplifyBytes) throws IOException {
        return open(blob, origin, amplifyBytes, blob.digests());
    }

    BlobCacheLease open(TestBlob blob, BlobReader origin, int amplifyBytes, ChunkDigests digests) throws IOException {
        blobs.put(blob.info.id(), blob);
        return manager.acquire(new BlobSource(blob.info, digests, origin, directory, amplifyBytes, stats));
    }

    /** As kill -9 does: nothing is closed, nothing marked clean; the files are as they are. */
    void die() {
        transit = Transit.within(memoryBytes);
        manager = manager(transit);
        stats = new CacheStats();
    }

    /** An orderly stop and a new start. */
    void restart() {
        manager.close();
        die();
    }

    CacheFiles files(TestBlob blob) {
        return new CacheFiles(directory, blob.info.id());
    }

    /** Waits until nothing is on its way to disk any more. */
    void settle() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> stats.inFlight.sum() == 0 && transit.budget().taken() == 0);
    }

    @Override
    public void close() {
        manager.close();
    }
}
