package io.rafsd.erofs;

import io.rafsd.error.PosixError;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * EROFS mounts whose daemon died: the kernel shows their names for ever and answers reads with EIO. Told from living ones by
 * asking for their blob files.
 */
public final class ErofsLeftovers {

    private static final Logger log = LoggerFactory.getLogger(ErofsLeftovers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private ErofsLeftovers() {}

    /** The EROFS mount of this place, or null. */
    public static MountTable.@Nullable Entry of(ErofsPlace place) throws IOException {
        MountTable.Entry there = MountTable.at(place.target());
        return there != null && there.source().equals(place.image().toString()) ? there : null;
    }

    /**
     * Removes the mount if nobody serves it.
     *
     * @return false if somebody does, or might
     */
    public static boolean clean(ErofsPlace place) throws IOException {
        while (of(place) != null) {
            if (!isDead(place)) {
                return false;
            }
            OwnThread.run("erofs-umount", () -> Mounts.unmount(place.target(), Mounts.MNT_DETACH));
            log.atInfo().addKeyValue("mountpoint", place.target()).log("removed the EROFS mount of a dead daemon");
        }
        return true;
    }

    private static boolean isDead(ErofsPlace place) throws IOException {
        try {
            OwnThread.run(
                    "erofs-probe",
                    () -> FileStatus.fresh(RawPath.of(place.blobs().resolve("."))),
                    PATIENCE);
            return false;
        } catch (PosixError e) {
            return switch (e.errno()) {
                case ENOTCONN, ENOENT, ECONNABORTED -> true;
                case ETIMEDOUT -> false;
                default -> throw e;
            };
        }
    }
}
