package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuiltImage;
import io.rafsd.codec.Compression;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Mounts;
import io.rafsd.testing.RandomTree;
import io.rafsd.testing.TreeCompare;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cache that a mount has filled, read by the kernel's own EROFS: a reader that shares no code with us sees the same tree.
 * EROFS is given the uncompressed cache data, padded to its blocks, never a blob as it is stored.
 */
class ErofsCacheIT {

    private static final int BLOCK = 4096;
    /** An EROFS image in a file, without a loop device, needs a kernel and a filesystem beneath that can do it. */
    private static final List<Errno> CANNOT = List.of(Errno.ENODEV, Errno.ENOTBLK, Errno.EPERM);

    @TempDir
    private Path work = Path.of("");

    private Path source = Path.of("");
    private Path mountPoint = Path.of("");
    private Path cache = Path.of("");
    private final long seed = new Random().nextLong();

    @BeforeEach
    void makeASource() throws IOException {
        Launcher.requireAMachineThatCanMount();
        assumeTrue(
                Files.readString(Path.of("/proc/filesystems")).contains("\terofs\n"),
                "this kernel has no EROFS built in");
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
        assertThat(differencesThroughErofs(tree.built())).as("seed %d", seed).isEmpty();
        flipFirstByte(data(tree.built().blobs().getFirst()));
        assertThat(differencesThroughErofs(tree.built())).as("seed %d", seed).isNotEmpty();
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

    private List<String> differencesThroughErofs(BuiltImage image) throws IOException {
        for (BuiltImage.Blob blob : image.blobs()) {
            try (RandomAccessFile data = new RandomAccessFile(data(blob).toFile(), "rw")) {
                data.setLength((data.length() + BLOCK - 1) / BLOCK * BLOCK);
            }
        }
        String devices =
                image.blobs().stream().map(blob -> "device=" + data(blob)).collect(Collectors.joining(","));
        try {
            Mounts.mount(image.bootstrap().toString(), mountPoint, "erofs", Mounts.MS_RDONLY, devices);
        } catch (PosixError e) {
            assumeTrue(!CANNOT.contains(e.errno()), "this kernel or filesystem mounts no EROFS from a file: " + e);
            throw e;
        }
        try {
            return TreeCompare.differences(source, mountPoint);
        } finally {
            Mounts.unmount(mountPoint, 0);
        }
    }

    private Path data(BuiltImage.Blob blob) {
        return cache.resolve(blob.id().value() + ".blob.data");
    }

    private static void flipFirstByte(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            int first = open.read();
            open.seek(0);
            open.write(first ^ 1);
        }
    }
}
