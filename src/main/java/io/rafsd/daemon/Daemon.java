package io.rafsd.daemon;

import io.rafsd.error.NotFound;
import io.rafsd.error.NotReady;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.fuse.FuseConnection;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.fuse.MountOptions;
import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountSpec;
import io.rafsd.upgrade.Estate;
import io.rafsd.upgrade.Keepers;
import io.rafsd.upgrade.Predecessor;
import io.rafsd.upgrade.SavedState;
import io.rafsd.upgrade.Supervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work between the states: mounts, serves, stops serving, unmounts. Called by the state machine, one call at a time;
 * each call does all of its work or undoes it. A daemon unmounts only what it mounted itself, or took over and serves.
 */
public final class Daemon {

    private static final Logger log = LoggerFactory.getLogger(Daemon.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final DaemonSettings settings;
    private final FuseTransport transport;
    private final MountManager mounts;
    private final Handover handover;
    private final Runnable whenMountGone;
    private volatile @Nullable FuseSession session;
    /** Who has what a predecessor left; null: the supervisor. */
    private volatile @Nullable Predecessor predecessor;
    /** Who keeps what this daemon leaves. */
    private volatile @Nullable Keepers keepers;
    /** The state that is mounted already, though nothing of it is served. */
    private byte @Nullable [] prepared;
    /** Whether the mount is ours to remove. */
    private volatile boolean owner;

    /**
     * @param settings it was started with
     * @param transport that the settings name
     * @param mounts the filesystem it serves
     * @param script writes mounts down for a successor
     * @param whenMountGone told when the mount was removed from outside
     */
    public Daemon(
            DaemonSettings settings,
            FuseTransport transport,
            MountManager mounts,
            MountScript script,
            Runnable whenMountGone) {
        this.settings = settings;
        this.transport = transport;
        this.mounts = mounts;
        this.handover = new Handover(mounts, script);
        this.whenMountGone = whenMountGone;
        mounts.onChange(this::tellKeepers);
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

    /** From now on, what is to be taken over is asked for there. */
    public void inheritFrom(Predecessor other) {
        predecessor = other;
    }

    /** From now on, what this daemon leaves is kept there as well, and told to those. */
    public void letKeep(Keepers others) {
        keepers = others;
        mounts.announce();
    }

    /** Binds blobs and puts the image into the filesystem; may wait for the network. */
    public void loadImage() throws IOException {
        for (BlobEntry entry : settings.blobs()) {
            mounts.blobs().add(entry);
        }
        MountSpec image = settings.image();
        if (image != null && image.settings().erofs() == null) {
            mounts.mount(settings.imagePath(), image);
        }
    }

    /** Once it serves: mounts an image that the kernel's EROFS reads; may wait for the network. */
    void loadErofs() throws IOException {
        MountSpec image = settings.image();
        if (image != null && image.settings().erofs() != null) {
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
        owner = true;
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
        mounts.warmUp();
        owner = true;
        MountOptions options = settings.mount();
        mounts.served(options == null ? null : options.mountPoint());
        mounts.announce();
    }

    /** Before it stops for good: what the kernel's EROFS reads can be unmounted only while somebody answers. */
    void detach() {
        mounts.detach();
    }

    /** RUNNING to READY: the mount stays, requests wait in the kernel. */
    public void terminate() throws IOException {
        mounts.served(null);
        FuseSession serving = session;
        if (serving != null) {
            serving.quiesce(STOP_PATIENCE);
        }
    }

    /** READY to STOPPED: unmounts what this process mounted. */
    public void umount() throws IOException {
        FuseSession mounted = session;
        if (mounted != null) {
            if (owner) {
                mounted.close();
            } else {
                // Taken over and never served: the predecessor may serve it still.
                mounted.release();
            }
            session = null;
        }
    }

    /**
     * Mounts what a predecessor has left so far, that a takeover need not. It is done anew where the predecessor leaves
     * something else in the end.
     */
    public synchronized void prepare(byte[] state) throws IOException {
        prepared = null;
        handover.read(SavedState.decode(state));
        prepared = state;
    }

    /**
     * INIT to READY by taking over what another process left; a singleton has no mount to take over. After a failure
     * nothing is held, and it may be tried again.
     */
    public synchronized void restore() throws IOException {
        MountOptions options = settings.mount();
        if (options == null) {
            return;
        }
        Predecessor before = predecessor;
        Estate kept = (before == null ? supervisor() : before).estate();
        try {
            SavedState state = SavedState.decode(kept.state());
            if (!Arrays.equals(prepared, kept.state())) {
                handover.read(state);
            }
            prepared = null;
            SavedState.Negotiated agreed = state.connection();
            session = transport.adopt(
                    options,
                    mounts.root(),
                    new FuseConnection(
                            kept.device(), agreed.offered(), agreed.agreed(), agreed.noOpen(), state.connectionId()),
                    settings.failover());
            owner = false;
        } catch (IOException | RuntimeException e) {
            prepared = null;
            mounts.close();
            kept.device().close();
            throw e;
        }
    }

    /**
     * Leaves state and descriptor with the supervisor, for whoever comes after this process.
     *
     * @throws NotReady before the kernel has greeted the mount
     * @throws UpgradeFailure if there is no supervisor, or it does not take them
     */
    public void save() throws IOException {
        if (settings.isSingleton()) {
            return;
        }
        Supervisor supervisor = supervisor();
        try {
            FuseConnection connection = connection();
            supervisor.save(new Estate(handover.write(connection).encode(SavedState.MAX_STRING), connection.device()));
        } catch (IOException e) {
            supervisor.release();
            throw e;
        }
    }

    private FuseConnection connection() throws IOException {
        FuseSession serving = session;
        FuseConnection connection = serving == null ? null : serving.connection();
        if (connection == null || connection.offered() == 0) {
            throw new NotReady("the kernel has not greeted the mount yet");
        }
        return connection;
    }

    /** Called by the mounts alone, so that no older state follows a newer one. Keepers take longer texts than nydusd does. */
    private void tellKeepers() {
        Keepers told = keepers;
        if (told == null || !owner || session == null) {
            return;
        }
        try {
            FuseConnection connection = connection();
            told.offer(new Estate(handover.write(connection).encode(Integer.MAX_VALUE), connection.device()));
        } catch (NotReady e) {
            log.atDebug().log("keepers are told later: {}", e.getMessage());
        } catch (IOException e) {
            log.atError().setCause(e).log("keepers could not be told what is mounted; if this daemon dies, it is lost");
        }
    }

    /** Tells keepers that there will be nothing to go on with. */
    void endKeepers() {
        Keepers told = keepers;
        if (told != null) {
            told.farewell();
        }
    }

    private Supervisor supervisor() throws UpgradeFailure {
        Path socket = settings.supervisor();
        if (socket == null) {
            throw new UpgradeFailure(
                    "MissingSupervisorPath: the daemon was started without --supervisor and --id", null);
        }
        return new Supervisor(socket);
    }

    /** To STOPPED without unmounting. */
    public void stop() throws IOException {
        FuseSession left = session;
        session = null;
        owner = false;
        if (left != null) {
            left.release();
        }
        Keepers told = keepers;
        if (told != null) {
            told.leave();
        }
    }
}
