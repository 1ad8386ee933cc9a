package io.rafsd.app.config;

import io.rafsd.daemon.DaemonSettings;
import io.rafsd.erofs.ErofsLeftovers;
import io.rafsd.erofs.ErofsMount;
import io.rafsd.erofs.ErofsPlace;
import io.rafsd.error.AlreadyExists;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.mount.MountSpec;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Path;

/** A daemon that serves blobs at a private place, for one image that the kernel's EROFS reads where it is wanted. */
public final class ErofsSettings {

    /** The name of the transport. */
    public static final String NAME = "erofs";

    /** Blobs are served by our own server alone: it can be handed over. */
    private static final String BENEATH = "kernel";

    private ErofsSettings() {}

    /**
     * Makes the private place, and removes what a daemon that died left there, unless that is to be gone on with.
     *
     * @param mountPoint where the image is wanted
     * @param threads that answer the kernel
     * @param succession whom the daemon follows
     */
    public static DaemonSettings of(
            Path stateDirectory, Path mountPoint, MountSpec image, int threads, Succession succession)
            throws IOException {
        ErofsPlace place = ErofsPlace.of(stateDirectory, mountPoint);
        Path left = succession.isHeir() ? MountPoint.served(place.fuse()) : null;
        if (left == null) {
            ErofsMount.requireTarget(mountPoint);
            if (!ErofsLeftovers.clean(place)) {
                throw new AlreadyExists(mountPoint + " is an EROFS mount that another daemon serves; unmount it there");
            }
            place.make();
            left = MountPoint.prepare(place.fuse());
        }
        // Opens are asked for: without one a file cannot pass the kernel's cache by.
        MountOptions options = new MountOptions(left, threads, true, false, MountOptions.DEFAULT_READ_AHEAD_KIB);
        return new DaemonSettings(
                null,
                null,
                null,
                options,
                BENEATH,
                image.atErofs(mountPoint),
                mountPoint.toString(),
                FailoverPolicy.RESEND,
                null,
                false);
    }
}
