package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuildOptions;
import io.rafsd.codec.Compression;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.linux.RawPath;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cache that a mount has filled, read by the kernel's own EROFS: a reader that shares no code with us sees the same tree.
 */
class ErofsCacheIT {

    @TempDir
    private Path work = Path.of("");

    private Path source = Path.of("");
    private Path mountPoint = Path.of("");
    private Path cache = Path.of("");
    private final long seed = new Random().nextLong();

    @BeforeEach
    void makeASource() throws IOException {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(ErofsReader.isThere(), "this kernel has no EROFS built in");
        source = Files.createDirectories(work.resolve("source"));
        mountPoint = Files.createDirectories(work.resolve("mnt"));
        cache = work.resolve("cache");
        RandomTree.create(source, seed);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 1 << 20})
    void completeCacheReadByTheKernelIsTheTreeItWasBuiltFrom(int chunkSize) throws Exception {
        BuildOptions options = BuildOptions.defaults().withChunkSize(chunkSize).withCompression(Compression.LZ4_BLOCK);
        PublishedTree tree = PublishedTree.of(source, work, options);
        fillCache(tree);
        ErofsReader kernel = new ErofsReader(cache, mountPoint);
        TreeListing expected = TreeListing.of(RawPath.of(source));
        assertThat(kernel.differences(expected, tree.built()))
                .as("seed %d", seed)
                .isEmpty();
        flipFirstByte(kernel.data(tree.built().blobs().getFirst()));
        assertThat(kernel.differences(expected, tree.built()))
                .as("seed %d", seed)
                .isNotEmpty();
    }

    private void fillCache(PublishedTree tree) throws Exception {
        try (EmbeddedRegistry registry = tree.serve(0)) {
            String image = registry.host() + "/" + PublishedTree.REPOSITORY;
            assertThat(rafsd("mount", "--cache", cache.toString(), image, mountPoint.toString())
                            .said())
                    .contains("is mounted at");
            try {
                assertThat(TreeCompare.differences(source, mountPoint))
                        .as("seed %d", seed)
                        .isEmpty();
            } finally {
                rafsd("umount", mountPoint.toString());
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
