package io.rafsd.rafs.fs;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.stats.CacheStats;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.storage.cache.BlobSource;
import io.rafsd.storage.cache.ChunkTableSource;
import io.rafsd.storage.cache.DedupDatabase;
import io.rafsd.storage.cache.FileBlobCacheManager;
import io.rafsd.storage.device.ImageDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** An image by the reference builder, with its blobs in a directory and a cache of its own. */
final class GoldenImage implements AutoCloseable {

    static final Path ALL = Path.of(System.getProperty("rafsd.shared", "../shared"), "fixtures", "golden");

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int AMPLIFY = 1 << 20;

    private final Path directory;
    private final Path blobs;
    private final LocalFsBackend backend;
    private final FileBlobCacheManager caches =
            new FileBlobCacheManager(FileBlobCacheManager.DEFAULT_MEMORY_BYTES, DedupDatabase.NONE);
    final RafsMetadata metadata;
    final CacheStats stats = new CacheStats();

    GoldenImage(String name) throws IOException {
        this(name, ALL.resolve(name).resolve("blobs"));
    }

    /** @param blobs directory of the blobs, where it is not the image's own */
    GoldenImage(String name, Path blobs) throws IOException {
        directory = ALL.resolve(name);
        this.blobs = blobs;
        metadata = RafsMetadata.open(bootstrap());
        // A dictionary's chunks lie in the blobs of the image that it was made from.
        Path dictionary = ALL.resolve("v6-merged").resolve("blobs");
        backend = new LocalFsBackend(new BackendConfig.LocalFs(blobs, null, List.of(dictionary)));
    }

    /** The image's own, or the blob that holds it. */
    private Path bootstrap() throws IOException {
        Path own = directory.resolve("image.boot");
        if (Files.exists(own)) {
            return own;
        }
        try (Stream<Path> files = Files.list(blobs)) {
            return files.findFirst().orElseThrow();
        }
    }

    /** The image as a filesystem. */
    RafsFileSystem with(Path cacheDirectory) throws IOException {
        List<BlobCache> opened = new ArrayList<>();
        for (BlobInfo blob : metadata.blobs()) {
            ChunkTable listed = metadata.chunkTable(blob.index());
            opened.add(caches.acquire(new BlobSource(
                            blob,
                            metadata.chunkDigests(blob.index()),
                            listed == null
                                    ? new ChunkTableSource.Blob(backend.blob(blob.tableBlob()))
                                    : new ChunkTableSource.Bootstrap(listed),
                            backend.blob(blob.id()),
                            cacheDirectory,
                            AMPLIFY,
                            stats))
                    .cache());
        }
        return new RafsFileSystem(metadata, new ImageDevice(opened), PATIENCE);
    }

    /** What a reader must see, by path. */
    SortedMap<String, Map<String, Object>> tree() throws IOException {
        Path own = directory.resolve("tree.jsonl");
        JsonMapper json = new JsonMapper();
        SortedMap<String, Map<String, Object>> tree = new TreeMap<>();
        for (String line : Files.readAllLines(Files.exists(own) ? own : ALL.resolve("tree.jsonl"))) {
            @SuppressWarnings("unchecked")
            Map<String, Object> entry = json.readValue(line, Map.class);
            tree.put((String) entry.remove("path"), entry);
        }
        return tree;
    }

    @Override
    public void close() {
        caches.close();
        backend.close();
    }
}
