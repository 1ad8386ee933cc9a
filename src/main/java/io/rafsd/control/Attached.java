package io.rafsd.control;

import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountManager.MountInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The daemon that the API speaks for, which comes up after the API does: as far as it is there, or waited for.
 *
 * @param controller complete when the daemon can be told to change
 */
record Attached(CompletableFuture<DaemonController> controller) {

    /** A daemon that has not come up by then will not. */
    private static final int READY_SECONDS = 60;

    /** Null before the daemon is up. */
    @Nullable
    DaemonController now() {
        return controller.getNow(null);
    }

    /** What is mounted now; nothing before the daemon is up. */
    List<MountInfo> mounted() {
        MountManager mounts = mountsNow();
        return mounts == null ? List.of() : mounts.mounts();
    }

    /** What is mounted now, and what the blob cache manager holds. */
    List<MountInfo> cached() {
        MountManager mounts = mountsNow();
        if (mounts == null) {
            return List.of();
        }
        List<MountInfo> cached = new ArrayList<>(mounts.mounts());
        mounts.blobs().images().forEach(image -> cached.add(image.info()));
        return cached;
    }

    /** Whether the daemon mounts nothing; false before it is up. */
    boolean isSingleton() {
        DaemonController known = now();
        return known != null && known.isSingleton();
    }

    /** Null before the daemon is up. */
    @Nullable
    MountManager mountsNow() {
        DaemonController known = now();
        Daemon daemon = known == null ? null : known.daemon();
        return daemon == null ? null : daemon.mounts();
    }

    /** Requests of the kernel that have not been answered. */
    List<InFlightRequest> inFlight() {
        DaemonController known = now();
        Daemon daemon = known == null ? null : known.daemon();
        return daemon == null ? List.of() : daemon.inFlight();
    }

    /** Waits for it. */
    DaemonController ready() throws IOException {
        try {
            return controller.get(READY_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new UnexpectedEvent("the daemon has not come up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnexpectedEvent("interrupted while the daemon came up", e);
        }
    }

    /** Waits for them. */
    MountManager mounts() throws IOException {
        Daemon daemon = ready().daemon();
        if (daemon == null) {
            throw new UnexpectedEvent("no daemon is set");
        }
        return daemon.mounts();
    }
}
