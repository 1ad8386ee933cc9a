package io.rafsd.app.config;

import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.InvalidRequest;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Set;

/** A daemon as the {@code rafsd.*} properties describe it: one image, named by its reference, at one place. */
public final class SidecarSettings {

    private SidecarSettings() {}

    /**
     * @param heir whether a mount is there already that nobody may look at
     * @throws InvalidRequest that names the property, what it holds and what it may hold
     */
    public static DaemonSettings of(RafsdProperties properties, boolean heir) throws IOException {
        if (properties.image().isEmpty()) {
            throw new InvalidRequest("no image: set RAFSD_IMAGE (property rafsd.image) to registry/repository:tag");
        }
        if (properties.mountpoint().isEmpty()) {
            throw new InvalidRequest("no mount point: set RAFSD_MOUNTPOINT (property rafsd.mountpoint) to a directory");
        }
        if (properties.readTimeout().isNegative() || properties.readTimeout().isZero()) {
            throw new InvalidRequest("rafsd.read-timeout must be above zero, not " + properties.readTimeout());
        }
        Path mountPoint = mountPoint(properties, heir);
        ImageSettings settings = new ImageSettings(
                properties.cacheDir().isEmpty() ? null : Path.of(properties.cacheDir()),
                properties.readTimeout(),
                ImageSettings.DEFAULT_AMPLIFY_BYTES,
                properties.prefetchAll() ? Prefetch.EVERYTHING : Prefetch.NOTHING,
                Set.of(),
                "");
        MountSpec image = new MountSpec.ByReference(properties.image(), registry(properties), settings);
        MountOptions options;
        try {
            if (properties.transport().equals(ErofsSettings.NAME)) {
                return ErofsSettings.of(
                        Path.of(properties.stateDir()),
                        mountPoint,
                        image,
                        properties.threads(),
                        Succession.ofEnvironment());
            }
            options =
                    new MountOptions(mountPoint, properties.threads(), true, true, MountOptions.DEFAULT_READ_AHEAD_KIB);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequest("rafsd.threads: " + e.getMessage(), e);
        }
        return new DaemonSettings(
                null, null, null, options, properties.transport(), image, "/", FailoverPolicy.RESEND, null, false);
    }

    private static Path mountPoint(RafsdProperties properties, boolean heir) throws IOException {
        Path path = Path.of(properties.mountpoint()).toAbsolutePath();
        Path left = heir ? MountPoint.served(path) : null;
        if (left != null) {
            return left;
        }
        try {
            return MountPoint.prepare(path);
        } catch (FileAlreadyExistsException e) {
            throw new InvalidRequest("mount point " + path + " is no directory", e);
        } catch (AccessDeniedException e) {
            throw new InvalidRequest(
                    "mount point " + path + " does not exist and may not be made by this user; make it, or run as root",
                    e);
        }
    }

    private static BackendConfig.Registry registry(RafsdProperties properties) {
        return new BackendConfig.Registry(
                properties.plainHttp() ? "http" : "",
                "",
                "",
                properties.auth().isEmpty() ? null : properties.auth(),
                null,
                properties.skipVerify(),
                BackendConfig.HttpSettings.DEFAULT);
    }
}
