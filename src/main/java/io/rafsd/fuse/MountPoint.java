package io.rafsd.fuse;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.FuserMount;
import io.rafsd.linux.Limits;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks and frees the directory that a transport mounts at; asks the table of mounts, never a filesystem of ours. */
public final class MountPoint {

    private MountPoint() {}

    /**
     * Makes the directory if it is missing, and removes what a server that died has left mounted there: nobody answers for
     * that any more, and it would keep its successor out.
     *
     * @return the directory without symbolic links
     */
    public static Path prepare(Path path) throws IOException {
        while (isDead(path)) {
            unmount(path, 0);
        }
        return Files.createDirectories(path).toRealPath();
    }

    /**
     * The directory without symbolic links, if a FUSE filesystem is mounted there; nothing is asked of that, because its
     * server may be dead, and whoever asks would wait.
     *
     * @return null if none is
     */
    public static @Nullable Path served(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return null;
        }
        Path real = parent.toRealPath().resolve(absolute.getFileName());
        MountTable.Entry there = MountTable.at(real);
        return there != null && there.type().startsWith("fuse") ? real : null;
    }

    private static boolean isDead(Path path) throws PosixError {
        try {
            FileStatus.fresh(RawPath.of(path));
            return false;
        } catch (PosixError e) {
            return e.errno() == Errno.ENOTCONN;
        }
    }

    /** @throws io.rafsd.error.DaemonException if {@code path} is no directory, or a FUSE filesystem is mounted there */
    public static void requireFree(Path path) throws IOException {
        MountTable.Entry there = MountTable.at(path);
        if (there != null && there.type().startsWith("fuse")) {
            throw new AlreadyExists("mount point " + path + " is in use (" + there.type() + ", " + there.source()
                    + "); unmount it first, for example with: umount " + path);
        }
        if (!Files.isDirectory(path)) {
            throw Files.exists(path)
                    ? new InvalidRequest("mount point " + path + " is no directory")
                    : new NotFound("mount point " + path + " does not exist; make it with: mkdir -p " + path);
        }
    }

    /** Whether {@code mounted} is still there: what somebody else mounted since has another device number. */
    public static boolean holds(Path path, MountTable.Entry mounted) throws IOException {
        MountTable.Entry now = MountTable.at(path);
        return now != null && now.major() == mounted.major() && now.minor() == mounted.minor();
    }

    /**
     * Unmounts lazily, as root or through {@code fusermount3}.
     *
     * @param flags of {@link Mounts} that root adds to the lazy one
     */
    public static void unmount(Path path, int flags) throws IOException {
        if (Limits.effectiveUser() == 0) {
            Mounts.unmount(path, Mounts.MNT_DETACH | flags);
        } else {
            FuserMount.unmount(path);
        }
    }
}
