package io.rafsd.daemon;

import io.rafsd.error.NotReady;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.storage.cache.BlobCacheManager;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the process alive while its daemon is active, and ends it in order. There is one in a process. Safe for many
 * threads.
 *
 * <p>A FUSE daemon ends when its mount is removed from outside; a singleton ignores that. What is asked of it before a
 * daemon is set is answered with what is known then: INIT, nothing mounted.
 */
public final class DaemonController {

    private static final Logger log = LoggerFactory.getLogger(DaemonController.class);

    private final BlobCacheManager blobCaches;
    private final CountDownLatch inactive = new CountDownLatch(1);
    private boolean shutDown;
    private volatile @Nullable Daemon daemon;
    private volatile @Nullable Lifecycle lifecycle;

    public DaemonController(BlobCacheManager blobCaches) {
        this.blobCaches = blobCaches;
    }

    /** Gives it the daemon to look after. */
    public void setDaemon(Daemon active, Lifecycle itsLifecycle) {
        daemon = active;
        lifecycle = itsLifecycle;
    }

    /** The daemon, or null before it is set. */
    public @Nullable Daemon daemon() {
        return daemon;
    }

    public BlobCacheManager blobCaches() {
        return blobCaches;
    }

    public DaemonState state() {
        Lifecycle known = lifecycle;
        return known == null ? DaemonState.INIT : known.state();
    }

    public boolean isActive() {
        return inactive.getCount() > 0;
    }

    public boolean isSingleton() {
        Daemon known = daemon;
        return known != null && known.settings().isSingleton();
    }

    /** Serves: INIT to RUNNING, or READY to RUNNING. */
    public void start() throws IOException {
        known().trigger(Trigger.SERVE);
    }

    /**
     * Mounts and serves. Who shuts down meanwhile need not wait for the image, which may be long in coming: it is not
     * mounted any more.
     */
    public void mountAndStart() throws IOException {
        Daemon active = daemon;
        if (active == null) {
            throw new UnexpectedEvent("no daemon is set");
        }
        active.loadImage();
        synchronized (this) {
            if (shutDown) {
                throw new UnexpectedEvent("the daemon was told to end before it had mounted");
            }
            active.mount();
            known().trigger(Trigger.MOUNT);
            known().trigger(Trigger.SERVE);
        }
        active.loadErofs();
    }

    /** INIT to READY: goes on with what a predecessor left. */
    public void takeOver() throws IOException {
        known().trigger(Trigger.TAKEOVER_MOUNT);
    }

    /** Leaves what a successor needs with the supervisor; in any state. */
    public void save() throws IOException {
        Daemon active = daemon;
        if (active == null) {
            throw new NotReady("no daemon is set");
        }
        active.save();
    }

    /** Stops serving without unmounting; {@link #deactivate} then lets the process end. */
    public void leave() throws IOException {
        known().trigger(Trigger.LEAVE);
    }

    /** Tells that the workers of the daemon ended by themselves: its mount was removed from outside. */
    public void workersEnded() {
        if (!isSingleton()) {
            log.atInfo().log("the mount was removed from outside; the daemon ends");
            deactivate();
        }
    }

    /** Lets {@link #await} return. */
    public void deactivate() {
        inactive.countDown();
    }

    /** Blocks while the daemon is active. */
    public void await() throws InterruptedException {
        inactive.await();
    }

    /** Stops and unmounts; then the caches are closed. Done once; who calls meanwhile waits for it. Never fails. */
    public synchronized void shutDown() {
        deactivate();
        if (shutDown) {
            return;
        }
        shutDown = true;
        Daemon ended = daemon;
        if (ended != null) {
            // First: whoever takes over what is being unmounted would hold it up.
            ended.endKeepers();
        }
        Lifecycle known = lifecycle;
        if (known != null) {
            if (known.state() == DaemonState.RUNNING && daemon != null) {
                daemon.detach();
            }
            try {
                known.trigger(Trigger.SHUT_DOWN);
            } catch (IOException e) {
                log.atError().setCause(e).log("the daemon could not be stopped cleanly");
            }
        }
        if (ended != null) {
            ended.mounts().close();
            ended.mounts().blobs().close();
        }
        blobCaches.close();
    }

    private Lifecycle known() throws IOException {
        Lifecycle known = lifecycle;
        if (known == null) {
            throw new UnexpectedEvent("no daemon is set");
        }
        return known;
    }
}
