package io.rafsd.daemon;

import io.rafsd.error.NotFound;
import io.rafsd.error.Unsupported;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.fuse.MountOptions;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work between the states: mounts, serves, stops serving, unmounts. Called by the state machine, one call at a time;
 * each call does all of its work or undoes it. A daemon unmounts only what it mounted itself.
 */
public final class Daemon {

    private static final Logger log = LoggerFactory.getLogger(Daemon.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final DaemonSettings settings;
    private final FuseTransport transport;
    private final MountManager mounts;
    private final Runnable whenMountGone;
    private volatile @Nullable FuseSession session;

    /**
     * @param settings it was started with
     * @param transport that the settings name
     * @param mounts the filesystem it serves
     * @param whenMountGone told when the mount was removed from outside
     */
    public Daemon(DaemonSettings settings, FuseTransport transport, MountManager mounts, Runnable whenMountGone) {
        this.settings = settings;
        this.transport = transport;
        this.mounts = mounts;
        this.whenMountGone = whenMountGone;
    }

    public DaemonSettings settings() {
        return settings;
    }

    public MountManager mounts() {
        return mounts;
    }

    /** Requests of the kernel that have not been answered. */
    public List<InFlightRequest> inFlight() {
        FuseSession serving = session;
        return serving == null ? List.of() : serving.inFlight();
    }

    /** Puts the image into the filesystem; may wait for the network. */
    public void loadImage() throws IOException {
        MountSpec image = settings.image();
        if (image != null) {
            mounts.mount(settings.imagePath(), image);
        }
    }

    /** Before MOUNT: puts the filesystem into the tree. */
    public void mount() throws IOException {
        MountOptions options = settings.mount();
        if (options == null) {
            return;
        }
        session = transport.mount(options, mounts.root());
        log.atInfo()
                .addKeyValue("mountpoint", options.mountPoint())
                .addKeyValue("transport", transport.name())
                .log("mounted");
    }

    /** READY to RUNNING. */
    public void start() throws IOException {
        if (settings.isSingleton()) {
            return;
        }
        FuseSession mounted = session;
        if (mounted == null) {
            throw new NotFound("there is no mount to serve");
        }
        mounted.serve(whenMountGone);
    }

    /** RUNNING to READY: the mount stays, requests wait in the kernel. */
    public void terminate() throws IOException {
        FuseSession serving = session;
        if (serving != null) {
            serving.quiesce(STOP_PATIENCE);
        }
    }

    /** READY to STOPPED: unmounts what this process mounted. */
    public void umount() throws IOException {
        FuseSession mounted = session;
        if (mounted != null) {
            mounted.close();
            session = null;
        }
    }

    /** INIT to READY by taking over what another process left; a singleton has no mount to take over. */
    public void restore() throws IOException {
        if (settings.isSingleton()) {
            return;
        }
        throw new Unsupported("taking a mount over is not part of this version; start the daemon without --upgrade");
    }

    /** To STOPPED without unmounting. */
    public void stop() {
        session = null;
    }
}
