package io.rafsd.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.builder.BuiltImage;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Mounts;
import io.rafsd.linux.RawPath;
import io.rafsd.testing.TreeCompare;
import io.rafsd.testing.TreeListing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The kernel's own EROFS as a reader of RAFS v6: it is given a bootstrap and the uncompressed cache data of its blobs, padded
 * to its blocks, never a blob as it is stored.
 *
 * @param cache directory that a daemon has filled with every chunk
 * @param mountPoint an empty directory
 */
record ErofsReader(Path cache, Path mountPoint) {

    private static final int BLOCK = 4096;
    /** An EROFS image in a file, without a loop device, needs a kernel and a filesystem beneath that can do it. */
    private static final List<Errno> CANNOT = List.of(Errno.ENODEV, Errno.ENOTBLK, Errno.EPERM);

    /** Whether the running kernel knows EROFS; whether it mounts it from a file is known when it tries. */
    static boolean isThere() throws IOException {
        return Files.readString(Path.of("/proc/filesystems")).contains("\terofs\n");
    }

    /** One line for each entry that the kernel shows otherwise. Skips the test where it mounts no EROFS from a file. */
    List<String> differences(TreeListing expected, BuiltImage image) throws IOException {
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
            return TreeCompare.differences(expected, TreeListing.of(RawPath.of(mountPoint)));
        } finally {
            Mounts.unmount(mountPoint, 0);
        }
    }

    /** The cache's uncompressed data of a blob. */
    Path data(BuiltImage.Blob blob) {
        return cache.resolve(blob.id().value() + ".blob.data");
    }
}
