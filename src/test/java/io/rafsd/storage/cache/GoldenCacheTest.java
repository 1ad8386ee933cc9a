package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ByteRange;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.linux.Fd;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.stats.CacheStats;
import io.rafsd.storage.backend.Backend;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import io.rafsd.storage.chunkmap.ChunkMap;
import io.rafsd.storage.chunkmap.FileChunkMap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs by the reference builder, and cache files by the reference daemon. */
class GoldenCacheTest {

    private static final Path GOLDEN =
            Path.of(System.getProperty("rafsd.shared", "../shared")).resolve("fixtures/golden");
    private static final String WITH_CACHE = "v6-lz4-sha256-64k";

    @TempDir
    Path directory;

    private final CacheStats stats = new CacheStats();
    private final List<ByteRange> ranges = new CopyOnWriteArrayList<>();

    @BeforeEach
    void needFixtures() {
        assumeTrue(Files.isDirectory(GOLDEN), "no golden images at " + GOLDEN.toAbsolutePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v6-zstd-blake3",
                "v6-lz4-sha256-64k",
                "v6-none-blake3-4k",
                "v6-zstd-prefetch",
                "v6-zstd-16m-sha256",
                "v6-merged"
            })
    void everyChunkOfEveryBlobIsServedAndFoundAgain(String image) throws Exception {
        readAll(image);
        assertThat(ranges).isNotEmpty();
        ranges.clear();
        long verified = stats.chunksVerified.sum();
        readAll(image);
        assertThat(ranges).isEmpty();
        // Ours: believed by our record.
        assertThat(stats.chunksVerified.sum()).isEqualTo(verified);
    }

    @Test
    void whatNydusdLeftIsUsedAfterItWasHashed() throws Exception {
        int ready = copyCacheOfNydusd();
        assertThat(ready).isPositive();
        int chunks = readAll(WITH_CACHE);
        assertThat(stats.chunksFetched.sum()).isEqualTo(chunks - ready);
        assertThat(stats.chunksVerified.sum()).isEqualTo(chunks);
        assertThat(stats.cacheCorruptions.sum()).isZero();
    }

    @Test
    void aByteFlippedInWhatNydusdLeftIsNeverServed() throws Exception {
        copyCacheOfNydusd();
        Image image = new Image(WITH_CACHE);
        BlobInfo info = image.metadata.blobs().getFirst();
        CacheFiles files = new CacheFiles(directory, info.id());
        ChunkTable table = image.table(0);
        int victim = firstReady(files, info);
        try (Fd data = Fd.open(files.data(), Fd.O_RDWR, 0);
                Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(1);
            long at = table.uncompressedOffset(victim) + table.uncompressedSize(victim) - 1;
            data.preadFully(one, at);
            one.set(ValueLayout.JAVA_BYTE, 0, (byte) ~one.get(ValueLayout.JAVA_BYTE, 0));
            data.pwriteFully(one, at);
        }
        image.close();
        readAll(WITH_CACHE);
        assertThat(stats.cacheCorruptions.sum()).isEqualTo(1);
    }

    @Test
    void aChunkTableThatLiesConsistentlyOnDiskIsReplaced() throws Exception {
        readAll("v6-none-blake3-4k");
        BlobInfo info;
        try (Image image = new Image("v6-none-blake3-4k")) {
            info = image.metadata.blobs().getFirst();
        }
        CacheFiles files = new CacheFiles(directory, info.id());
        Files.delete(files.data());
        try (Fd meta = Fd.open(files.meta(), Fd.O_RDWR, 0);
                Arena arena = Arena.ofConfined()) {
            // The compressed offset of chunk 1: 8 bytes further on is still inside the blob.
            boolean v2 = info.has(BlobFeatures.CHUNK_INFO_V2);
            MemorySegment one = arena.allocate(1);
            long at = v2 ? 24 + 8 : 16 + 8;
            meta.preadFully(one, at);
            one.set(ValueLayout.JAVA_BYTE, 0, (byte) (one.get(ValueLayout.JAVA_BYTE, 0) + 8));
            meta.pwriteFully(one, at);
        }
        try (Image image = new Image("v6-none-blake3-4k");
                FileBlobCacheManager manager = new FileBlobCacheManager(64 << 20, DedupDatabase.NONE)) {
            BlobCache cache = image.open(manager, 0);
            try {
                Reading.start(cache, 1, 4096, 0, 1, Reading.PATIENCE).await();
            } catch (IntegrityFailure expected) {
                // The first read notices; the table is loaded again for the next.
            }
            assertThat(stats.backendCorruptions.sum()).isEqualTo(2);
            assertThat(Reading.start(cache, 1, 4096, 0, 1, Reading.PATIENCE).await())
                    .hasSize(1);
        }
    }

    private int copyCacheOfNydusd() throws IOException {
        int ready = 0;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(GOLDEN.resolve(WITH_CACHE).resolve("cache"))) {
            for (Path file : files) {
                Files.copy(file, directory.resolve(file.getFileName().toString()));
            }
        }
        try (Image image = new Image(WITH_CACHE)) {
            for (BlobInfo info : image.metadata.blobs()) {
                try (ChunkMap map =
                        FileChunkMap.open(new CacheFiles(directory, info.id()).chunkMap(), info.chunkCount())) {
                    ready += map.readyCount();
                }
            }
        }
        return ready;
    }

    private static int firstReady(CacheFiles files, BlobInfo info) throws IOException {
        try (ChunkMap map = FileChunkMap.open(files.chunkMap(), info.chunkCount())) {
            for (int chunk = 0; chunk < info.chunkCount(); chunk++) {
                if (map.isReady(chunk)) {
                    return chunk;
                }
            }
        }
        throw new AssertionError("nydusd left no chunk");
    }

    /** Reads all chunks of all blobs with a new manager and proves each; returns how many. */
    private int readAll(String name) throws Exception {
        int chunks = 0;
        try (Image image = new Image(name);
                FileBlobCacheManager manager = new FileBlobCacheManager(64 << 20, DedupDatabase.NONE)) {
            for (int blob = 0; blob < image.metadata.blobs().size(); blob++) {
                BlobInfo info = image.metadata.blobs().get(blob);
                ChunkDigests digests = image.metadata.chunkDigests(blob);
                BlobCache cache = image.open(manager, blob);
                ChunkTable table = image.table(blob);
                for (int chunk = 0; chunk < info.chunkCount(); chunk++) {
                    if (digests.of(chunk) == null) {
                        // Of a file that an upper layer hides.
                        continue;
                    }
                    byte[] bytes = Reading.start(
                                    cache, table, chunk, 0, table.uncompressedSize(chunk), Reading.PATIENCE)
                            .await();
                    assertThat(info.digester().digest(MemorySegment.ofArray(bytes)))
                            .as("chunk %d of blob %d", chunk, blob)
                            .isEqualTo(digests.of(chunk));
                    chunks++;
                }
            }
        }
        return chunks;
    }

    /** A golden image with its blobs. */
    private final class Image implements AutoCloseable {

        private final RafsMetadata metadata;
        private final Backend backend;

        Image(String name) throws IOException {
            metadata = RafsMetadata.open(GOLDEN.resolve(name).resolve("image.boot"));
            backend = new LocalFsBackend(
                    new BackendConfig.LocalFs(GOLDEN.resolve(name).resolve("blobs"), null, List.of()));
        }

        BlobCache open(FileBlobCacheManager manager, int blob) throws IOException {
            BlobInfo info = metadata.blobs().get(blob);
            return manager.acquire(new BlobSource(
                            info,
                            metadata.chunkDigests(blob),
                            new Recording(backend.blob(info.id())),
                            directory,
                            1 << 20,
                            stats))
                    .cache();
        }

        ChunkTable table(int blob) throws IOException {
            BlobInfo info = metadata.blobs().get(blob);
            return BlobMetaLoader.load(info, backend.blob(info.id()), null, ReadContext.onDemand(Reading.PATIENCE));
        }

        @Override
        public void close() {
            backend.close();
        }
    }

    /** Remembers what was asked. */
    private final class Recording implements BlobReader {

        private final BlobReader origin;

        Recording(BlobReader origin) {
            this.origin = origin;
        }

        @Override
        public long size(ReadContext context) throws IOException {
            return origin.size(context);
        }

        @Override
        public BlobStream open(ByteRange range, ReadContext context) throws IOException {
            ranges.add(range);
            return origin.open(range, context);
        }
    }
}
