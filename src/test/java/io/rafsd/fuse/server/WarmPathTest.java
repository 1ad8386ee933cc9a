package io.rafsd.fuse.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.blob.BlobInfo;
import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.filesystem.Attributes;
import io.rafsd.fuse.protocol.Opcode;
import io.rafsd.fuse.protocol.Request;
import io.rafsd.rafs.fs.RafsFileSystem;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.stats.CacheStats;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.cache.BlobSource;
import io.rafsd.storage.cache.FileBlobCacheManager;
import io.rafsd.storage.device.ImageDevice;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the kernel's request to the reply, through a real image and its full cache: what most requests of a daemon are. */
class WarmPathTest {

    private static final int REQUESTS = 20_000;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final FileSystemStats stats = new FileSystemStats();
    private final FileBlobCacheManager caches = new FileBlobCacheManager(FileBlobCacheManager.DEFAULT_MEMORY_BYTES);
    private LocalFsBackend backend;
    private RafsFileSystem files;
    private FuseServer server;
    private long file;

    @BeforeEach
    void mount() throws Exception {
        Path source = Files.createDirectories(directory.resolve("source"));
        Files.writeString(source.resolve("file"), "content\n".repeat(100_000));
        Path blobs = Files.createDirectories(directory.resolve("image"));
        BuiltImage image = ImageBuilder.build(BuildOptions.defaults(), source, blobs, BuildProgress.SILENT);
        RafsMetadata metadata = RafsMetadata.open(image.bootstrap());
        BlobInfo blob = metadata.blobs().getFirst();
        backend = new LocalFsBackend(new BackendConfig.LocalFs(blobs, null, List.of()));
        CacheStats cacheStats = new CacheStats();
        BlobSource from = new BlobSource(
                blob,
                metadata.chunkDigests(blob.index()),
                backend.blob(blob.id()),
                Files.createDirectories(directory.resolve("cache")),
                0,
                cacheStats);
        files = new RafsFileSystem(
                metadata, new ImageDevice(List.of(caches.acquire(from).cache())), PATIENCE);
        Attributes found = new Attributes();
        assertThat(files.lookup(files.rootIno(), MemorySegment.ofArray("file".getBytes(StandardCharsets.UTF_8)), found))
                .isTrue();
        file = found.ino;
        server = new FuseServer(files, stats, true);
        server.newHandler(nowhere()).handle(read());
        assertThat(server.awaitDeferred(System.nanoTime() + PATIENCE.toNanos())).isTrue();
        Awaitility.await().until(() -> cacheStats.inFlight.sum() == 0);
    }

    @AfterEach
    void unmount() {
        files.close();
        caches.close();
        backend.close();
    }

    private static ReplyChannel nowhere() {
        return () -> (unique, errno, payload, length) -> {
            if (errno != 0) {
                throw new AssertionError("errno " + errno);
            }
        };
    }

    private Request read() {
        return Requests.request(Opcode.READ, 1, file, Requests.read(4096, 128 << 10));
    }

    private List<Request> requests() {
        return List.of(
                read(),
                Requests.request(Opcode.LOOKUP, 2, 1, Requests.name("file")),
                Requests.request(Opcode.GETATTR, 3, file, new byte[16]));
    }

    @Test
    void workersThatAnswerAtTheSameTimeNeverWaitForEachOther() throws Exception {
        ThreadInfo[] ends = new ThreadInfo[4];
        Thread[] workers = new Thread[ends.length];
        for (int i = 0; i < ends.length; i++) {
            int number = i;
            RequestHandler worker = server.newHandler(nowhere());
            List<Request> requests = requests();
            // Classes are initialised under a lock.
            requests.forEach(worker::handle);
            workers[i] = new Thread(() -> {
                for (int round = 0; round < REQUESTS; round++) {
                    requests.forEach(worker::handle);
                }
                ends[number] = ManagementFactory.getThreadMXBean()
                        .getThreadInfo(Thread.currentThread().threadId());
            });
        }
        for (Thread worker : workers) {
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(ends).allSatisfy(end -> {
            assertThat(end.getBlockedCount()).as("waited for a monitor").isZero();
            assertThat(end.getWaitedCount()).as("parked").isZero();
        });
    }
}
