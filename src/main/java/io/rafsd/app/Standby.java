package io.rafsd.app;

import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonState;
import io.rafsd.error.DaemonException;
import io.rafsd.error.PosixError;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.LockFile;
import io.rafsd.upgrade.Estate;
import io.rafsd.upgrade.Keeper;
import io.rafsd.upgrade.Keepers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands by a daemon: has its mounts open and its descriptor in hand, and serves them when it dies or leaves. Who ends in
 * order says so, and is not followed.
 */
final class Standby {

    private static final Logger log = LoggerFactory.getLogger(Standby.class);
    private static final int RETRY_MILLIS = 50;
    private static final int LOCK_MILLIS = 3000;

    private final Path socket;
    private final DaemonController controller;
    private final Daemon daemon;
    private final Watcher watcher;
    private final Warming warming;
    /** Whether it came to serve. */
    private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();

    /** Is told how a standby fares. */
    interface Watcher {

        /** For daemons that are no standbys. */
        Watcher NOBODY = new Watcher() {
            @Override
            public void waits(DaemonController controller) {}

            @Override
            public void tookOver() {}
        };

        /** It waits; questions can be answered. */
        void waits(DaemonController controller);

        /** It serves now. */
        void tookOver() throws IOException;
    }

    /** The daemon ended its mount in order, or the standby was told to end: there is nothing to be served. */
    static final class Dismissed extends IOException {

        private static final long serialVersionUID = 1L;

        Dismissed() {
            super("there is nothing to stand by for any more");
        }
    }

    /** @param socket where the daemon lets itself be kept */
    Standby(Path socket, DaemonController controller, Daemon daemon, Watcher watcher) {
        this.socket = socket;
        this.controller = controller;
        this.daemon = daemon;
        this.watcher = watcher;
        this.warming = new Warming(daemon);
    }

    /** Returns when it serves. @throws Dismissed if it never will */
    void await() throws IOException {
        watcher.waits(controller);
        Thread.ofPlatform().name("standby").daemon(true).start(this::run);
        Thread.ofVirtual().name("standby-end").start(() -> {
            try {
                controller.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            outcome.complete(false);
        });
        if (!outcome.join()) {
            throw new Dismissed();
        }
    }

    private void run() {
        log.atInfo().addKeyValue("socket", socket).log("standing by");
        String said = "";
        while (controller.isActive()) {
            try (Keeper keeper = Keeper.connect(socket, true)) {
                said = "";
                if (follow(keeper)) {
                    return;
                }
            } catch (PosixError e) {
                // No daemon is there yet.
                pause();
            } catch (IOException e) {
                if (!said.equals(e.getMessage())) {
                    said = String.valueOf(e.getMessage());
                    log.atWarn().log("cannot stand by the daemon at {}: {}", socket, said);
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether there is nothing more to stand by for */
    private boolean follow(Keeper keeper) throws IOException {
        Keeper.End end = keeper.follow((number, state) -> warming.warm(keeper, number, state));
        warming.forget();
        return switch (end) {
            case FAREWELL -> {
                log.atInfo().log("the daemon has ended its mount; the standby ends as well");
                controller.deactivate();
                yield true;
            }
            case DROPPED -> false;
            case DIED, LEFT -> {
                log.atWarn().addKeyValue("how", end).log("the daemon is gone");
                yield takeOver(keeper);
            }
        };
    }

    private boolean takeOver(Keeper keeper) throws IOException {
        LockFile lock = lock();
        if (lock == null) {
            log.atWarn().log("another process serves on; standing by that one");
            return false;
        }
        daemon.inheritFrom(() -> estate(keeper));
        boolean has = true;
        while (controller.isActive() && has) {
            try {
                serve();
                settle(lock);
                return true;
            } catch (DaemonException e) {
                log.atError().setCause(e).log("the mount could not be taken over; that is tried again");
                has = !(e instanceof UpgradeFailure);
                pause();
            }
        }
        lock.close();
        return false;
    }

    private static Estate estate(Keeper keeper) throws IOException {
        Estate left = keeper.estate();
        if (left == null) {
            throw new UpgradeFailure("the daemon died before it had mounted anything", null);
        }
        return left;
    }

    private void serve() throws IOException {
        if (controller.state() == DaemonState.INIT) {
            controller.takeOver();
        }
        controller.start();
    }

    /** Readers have their answers; what is left can take its time. */
    private void settle(LockFile lock) {
        try {
            watcher.tookOver();
        } catch (IOException e) {
            log.atError().setCause(e).log("the control socket could not be taken over; the mount is served");
        }
        try {
            daemon.letKeep(Keepers.listen(socket, lock));
        } catch (IOException e) {
            log.atError().setCause(e).log("no standby can connect to this daemon");
        }
        log.atInfo().log("taken over");
        outcome.complete(true);
    }

    private static @Nullable LockFile lock(Path socket, long deadline) throws IOException {
        while (true) {
            LockFile lock = Keepers.tryLock(socket);
            if (lock != null || System.nanoTime() > deadline) {
                return lock;
            }
            pause();
        }
    }

    private @Nullable LockFile lock() throws IOException {
        return lock(socket, System.nanoTime() + LOCK_MILLIS * 1_000_000L);
    }
}
