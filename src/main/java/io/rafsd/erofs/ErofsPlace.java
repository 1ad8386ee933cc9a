package io.rafsd.erofs;

import io.rafsd.error.CacheFailure;
import io.rafsd.linux.Fd;
import io.rafsd.linux.MountTable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * The private directory of one EROFS mount, below the state directory, for root alone: {@code image}, the copy of the
 * metadata that the kernel reads; {@code blobs}, a link to where the blob files are served; and for who serves nothing else,
 * {@code fuse}, where to.
 *
 * @param target directory that the kernel mounts at, absolute
 * @param home the private directory
 */
public record ErofsPlace(Path target, Path home) {

    private static final String PARENT = "erofs";
    private static final String PRIVATE = "rwx------";
    private static final long BLOCK = 4096;

    public static ErofsPlace of(Path stateDirectory, Path target) {
        return new ErofsPlace(
                target, stateDirectory.toAbsolutePath().resolve(PARENT).resolve(name(target)));
    }

    /** The same for the same target, and for no other. */
    static String name(Path target) {
        return UUID.nameUUIDFromBytes(target.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** The copy of the metadata, which the table of mounts names as the source of the mount. */
    public Path image() {
        return home.resolve("image");
    }

    /** Leads to the blob files. */
    public Path blobs() {
        return home.resolve("blobs");
    }

    /** A mount point of its own for FUSE. */
    public Path fuse() {
        return home.resolve("fuse");
    }

    /** Makes the directory, for its owner alone. */
    public void make() throws IOException {
        Files.createDirectories(home.getParent());
        if (!Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
        }
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString(PRIVATE));
    }

    /** Writes a copy of the metadata, rounded up to whole blocks; what had its name is another file and stays unchanged. */
    void write(MemorySegment bytes) throws IOException {
        Files.deleteIfExists(image());
        try (Fd file = Fd.open(image(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL, 0400)) {
            file.pwriteFully(bytes, 0);
            file.truncate((bytes.byteSize() + BLOCK - 1) / BLOCK * BLOCK);
        }
    }

    /**
     * Checks that the copy which the kernel reads is one of these bytes: blobs of another image must not be served below
     * it.
     */
    void requireCopyOf(MemorySegment bytes) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Fd file = Fd.open(image(), Fd.O_RDONLY, 0)) {
            MemorySegment copy = arena.allocate(Math.max(1, bytes.byteSize())).asSlice(0, bytes.byteSize());
            file.preadFully(copy, 0);
            if (copy.mismatch(bytes) != -1) {
                throw new CacheFailure("the bootstrap is not the one that is mounted at " + target
                        + " any more; unmount that with: umount " + target);
            }
        }
    }

    /** Says where the blob files are. */
    void link(Path served) throws IOException {
        Files.deleteIfExists(blobs());
        Files.createSymbolicLink(blobs(), served);
    }

    /** Removes what is in the directory, and the directory unless blobs are still served in it. */
    public void remove() throws IOException {
        Files.deleteIfExists(image());
        Files.deleteIfExists(blobs());
        if (MountTable.at(fuse()) == null) {
            Files.deleteIfExists(fuse());
            Files.deleteIfExists(home);
        }
    }
}
