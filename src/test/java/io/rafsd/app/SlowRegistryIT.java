package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.builder.BuildOptions;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.demo.registry.Traffic;
import io.rafsd.linux.MountTable;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import io.rafsd.testing.TreeCompare;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the readers of a mount get, and what the registry is asked, when the registry is slow, silent or wrong. */
class SlowRegistryIT {

    private static final int READERS = 64;
    private static final int FILES = 8;
    private static final int PIECE = 64 << 10;
    private static final Duration LATENESS = Duration.ofMillis(30);
    private static final BuildOptions SMALL_CHUNKS = BuildOptions.defaults().withChunkSize(1 << 18);

    @TempDir
    private Path work = Path.of("");

    private Path source = Path.of("");
    private Path mountPoint = Path.of("");
    private final long seed = new Random().nextLong();
    private final byte[][] contents = new byte[FILES][];

    @BeforeEach
    void makeASource() throws IOException {
        Launcher.requireAMachineThatCanMount();
        source = Files.createDirectories(work.resolve("source"));
        mountPoint = Files.createDirectories(work.resolve("mnt"));
        Random random = new Random(seed);
        for (int i = 0; i < FILES; i++) {
            contents[i] = new byte[(1 << 20) + random.nextInt(1 << 20)];
            random.nextBytes(contents[i]);
            Files.write(source.resolve(Integer.toString(i)), contents[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void sixtyFourReadersOfAColdImageCostOneRequestForEachChunk(String transport) throws Exception {
        PublishedTree tree = PublishedTree.of(source, work, SMALL_CHUNKS);
        try (EmbeddedRegistry registry = tree.serve(0);
                LateProxy network = LateProxy.before(registry.address().getPort(), LATENESS)) {
            String image = network.host() + "/" + PublishedTree.REPOSITORY;
            assertThat(Launcher.rafsd("mount", "--transport", transport, image, mountPoint.toString())
                            .said())
                    .contains("is mounted at");
            try {
                readByAll();
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                Launcher.rafsd("umount", mountPoint.toString());
            }
            requireEachChunkWasAskedForOnce(tree, registry.traffic());
        }
    }

    /** Each reads all pieces of all files in an order of its own, and compares them. */
    private void readByAll() throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
            List<Future<?>> reading = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Random order = new Random(seed + i);
                reading.add(readers.submit(() -> {
                    start.await();
                    readShuffled(order);
                    return true;
                }));
            }
            start.countDown();
            for (Future<?> one : reading) {
                one.get();
            }
        }
    }

    private void readShuffled(Random order) throws IOException {
        List<int[]> pieces = new ArrayList<>();
        for (int file = 0; file < FILES; file++) {
            for (int offset = 0; offset < contents[file].length; offset += PIECE) {
                pieces.add(new int[] {file, offset});
            }
        }
        Collections.shuffle(pieces, order);
        for (int[] piece : pieces) {
            byte[] whole = contents[piece[0]];
            byte[] found = new byte[Math.min(PIECE, whole.length - piece[1])];
            Path path = mountPoint.resolve(Integer.toString(piece[0]));
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                file.seek(piece[1]);
                file.readFully(found);
            }
            if (!Arrays.equals(found, 0, found.length, whole, piece[1], piece[1] + found.length)) {
                throw new AssertionError("seed " + seed + ": wrong bytes in " + path + " from " + piece[1]);
            }
        }
    }

    private static void requireEachChunkWasAskedForOnce(PublishedTree tree, Traffic traffic) throws IOException {
        BlobInfo blob = RafsMetadata.open(tree.built().bootstrap()).blobs().getFirst();
        ChunkTable table = table(tree, blob);
        long dataEnd = blob.chunkTable().offset();
        Set<Long> chunkEnds = new HashSet<>();
        for (int i = 0; i < table.chunkCount(); i++) {
            chunkEnds.add(table.unit(i).offset() + table.unit(i).storedSize());
        }
        assertThat(chunkEnds).hasSizeGreaterThan(FILES * 4);
        List<Traffic.Transfer> asked = traffic.transfers().stream()
                .filter(transfer -> transfer.digest().endsWith(blob.id().value()))
                .sorted(Comparator.comparingLong(Traffic.Transfer::offset))
                .toList();
        long end = 0;
        for (Traffic.Transfer transfer : asked) {
            assertThat(transfer.offset())
                    .as("nothing twice, nothing left out: %s", asked)
                    .isEqualTo(end);
            end += transfer.length();
            if (end <= dataEnd) {
                assertThat(chunkEnds).as("whole chunks: %s", asked).contains(end);
            }
        }
        // The table of chunks and its header, at once.
        assertThat(asked.getLast().offset()).isEqualTo(dataEnd);
        assertThat(end).isEqualTo(dataEnd + blob.chunkTable().compressedSize() + 4096);
    }

    private static ChunkTable table(PublishedTree tree, BlobInfo blob) throws IOException {
        Path blobs = tree.built().blobs().getFirst().file().toAbsolutePath().getParent();
        try (LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(blobs, null, List.of()))) {
            return BlobMetaLoader.load(
                    blob, backend.blob(blob.id()), null, ReadContext.onDemand(Duration.ofMinutes(1)));
        }
    }

    @Test
    void silentRegistryIsAnErrorWithinTheConfiguredTimeAndIsReadFromAgainAfterwards() throws Exception {
        PublishedTree tree = PublishedTree.of(source, work, SMALL_CHUNKS);
        try (EmbeddedRegistry registry = tree.serve(0);
                LateProxy network = LateProxy.before(registry.address().getPort(), Duration.ZERO);
                ExecutorService reader = Executors.newSingleThreadExecutor()) {
            Process daemon = nydusd(tree, network.host());
            try {
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> MountTable.at(mountPoint) != null);
                assertThat(Files.readAllBytes(mountPoint.resolve("0"))).isEqualTo(contents[0]);
                network.fallSilent();
                Future<byte[]> read = reader.submit(() -> Files.readAllBytes(mountPoint.resolve("7")));
                // The registry says nothing until the reader has its error: only the configured second ends the wait,
                // as
                // the limit that holds where nothing is configured is further away than this patience.
                long patience = ImageSettings.DEFAULT_READ_TIMEOUT.toSeconds() / 2;
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(() -> read.get(patience, TimeUnit.SECONDS))
                        .withCauseInstanceOf(IOException.class)
                        .withMessageContaining("Input/output error");
                assertThat(Files.readAllBytes(mountPoint.resolve("0"))).isEqualTo(contents[0]);
                network.speakAgain();
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                daemon.destroy();
                assertThat(daemon.waitFor(1, TimeUnit.MINUTES)).isTrue();
            }
        }
    }

    @Test
    void listedFileIsFetchedThoughNobodyReadsItAndNothingElseIs() throws Exception {
        PublishedTree tree = PublishedTree.of(source, work, SMALL_CHUNKS);
        Path list = Files.writeString(work.resolve("list"), "/none\n  /3\n\n");
        try (EmbeddedRegistry registry = tree.serve(0)) {
            Process daemon = nydusd(tree, registry.host(), "--prefetch-files", list.toString());
            try {
                // Random bytes do not shrink: what is stored of the file is as long as it is, or a little longer.
                Awaitility.await()
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> registry.traffic().blobBytes() >= contents[3].length);
                assertThat(Files.readAllBytes(mountPoint.resolve("3"))).isEqualTo(contents[3]);
            } finally {
                daemon.destroy();
                assertThat(daemon.waitFor(1, TimeUnit.MINUTES)).isTrue();
            }
            assertThat(registry.traffic().blobBytes()).isLessThan(contents[3].length + (1 << 18));
        }
    }

    private Process nydusd(PublishedTree tree, String host, String... more) throws IOException {
        Path config = Files.writeString(work.resolve("config.json"), """
                {"mode": "direct", "fs_prefetch": {"enable": true, "prefetch_all": false}, "device": {
                  "backend": {"type": "registry", "config": {
                    "scheme": "http", "host": "%s", "repo": "%s", "timeout": 1, "connect_timeout": 1, "retry_limit": 0}},
                  "cache": {"type": "blobcache", "config": {"work_dir": "%s"}}}}
                """.formatted(
                        host, PublishedTree.REPOSITORY, Files.createDirectories(work.resolve("cache"))));
        List<String> command = new ArrayList<>(List.of(
                Launcher.program("nydusd").toString(),
                "--config",
                config.toString(),
                "--bootstrap",
                tree.built().bootstrap().toString(),
                "--mountpoint",
                mountPoint.toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("nydusd.log").toFile())
                .start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "jnr"})
    void wrongByteOfTheRegistryIsNeverServedAndTheRightOneIsWithoutARemount(String transport) throws Exception {
        PublishedTree tree = PublishedTree.of(source, work, SMALL_CHUNKS);
        Path blob = tree.built().blobs().getFirst().file();
        try (EmbeddedRegistry registry = tree.serve(0)) {
            String image = registry.host() + "/" + PublishedTree.REPOSITORY;
            Launcher.rafsd("mount", "--transport", transport, image, mountPoint.toString());
            try {
                // Whichever file the first chunk belongs to, reading all of them meets it.
                flipFirstByte(blob);
                assertThatIOException()
                        .isThrownBy(() -> TreeCompare.differences(source, mountPoint))
                        .withMessageContaining("Input/output error");
                flipFirstByte(blob);
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                Launcher.rafsd("umount", mountPoint.toString());
            }
        }
    }

    private static void flipFirstByte(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            int first = open.read();
            open.seek(0);
            open.write(first ^ 1);
        }
    }
}
