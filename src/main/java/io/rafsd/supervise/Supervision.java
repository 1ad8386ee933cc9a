package io.rafsd.supervise;

import io.rafsd.error.PosixError;
import io.rafsd.linux.UnixSocket;
import io.rafsd.supervise.Supervised.Kind;
import io.rafsd.upgrade.Keeper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts a daemon and, if wanted, its standby, and starts again what dies: the next daemon takes over what the last one left.
 * A daemon that ends by itself ends the supervision. One thread runs it; a signal comes on another.
 */
final class Supervision {

    /** For a standby to take over, and for children to end. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<String> command;
    private final boolean withStandby;
    private final Path keepers;
    private final Path estate;
    private final Watch watch;
    private final Backoff daemonBackoff = new Backoff();
    private final Backoff standbyBackoff = new Backoff();
    private @Nullable Supervised daemon;
    private @Nullable Supervised standby;
    /** Whether the daemon is no child of ours: it was served by another supervisor before. */
    private boolean adopted;

    private boolean stopping;

    /** @param keepers socket where the daemon lets itself be kept */
    Supervision(List<String> command, boolean withStandby, Path keepers) {
        this.command = command;
        this.withStandby = withStandby;
        this.keepers = keepers;
        this.estate = keepers.resolveSibling(keepers.getFileName() + ".left");
        this.watch = new Watch(keepers, this::changed);
    }

    private synchronized void changed() {
        notifyAll();
    }

    /** @return the exit code of the daemon */
    int run() throws IOException, InterruptedException {
        try (EstateServer _ = new EstateServer(estate, watch)) {
            adopted = somebodyServes();
            watch.begin();
            if (adopted) {
                Say.it("a daemon serves already; it is supervised from now on");
            }
            return supervise();
        }
    }

    private boolean somebodyServes() throws IOException {
        try (UnixSocket _ = UnixSocket.connect(keepers, 1)) {
            return true;
        } catch (PosixError e) {
            return false;
        }
    }

    private synchronized int supervise() throws IOException, InterruptedException {
        if (!adopted) {
            daemon = start(Kind.FIRST);
        }
        while (true) {
            if (stopping) {
                return end();
            }
            if (isGone()) {
                Integer code = next();
                if (code != null) {
                    return code;
                }
            } else {
                keepStandby();
                wait(watch.isServing() && (!withStandby || Supervised.lives(standby)) ? 0 : 100);
            }
        }
    }

    private Supervised start(Kind kind) throws IOException {
        return Supervised.start(command, kind, keepers, estate, this::changed);
    }

    private boolean isGone() {
        if (watch.isServing()) {
            if (!adopted && !Supervised.lives(daemon) && Supervised.lives(standby)) {
                daemon = standby;
                standby = null;
                Say.it("the standby has taken over");
            }
            return false;
        }
        return adopted ? watch.lost() != null : !Supervised.lives(daemon);
    }

    /** @return the exit code, null to go on */
    private @Nullable Integer next() throws IOException, InterruptedException {
        Watch.Lost lost = watch.lost();
        Supervised ended = daemon;
        int code = ended == null ? 0 : ended.code();
        if (lost != null && lost.end() == Keeper.End.FAREWELL) {
            return end();
        }
        if (!watch.hasEstate() && ended != null && !Supervised.isDeath(code)) {
            Say.it("the daemon ended with " + code + " before it served");
            return end();
        }
        if (lost != null && lost.standbys() > 0 && standbyTookOver()) {
            return null;
        }
        Duration lived = ended == null ? Duration.ofDays(1) : ended.lived();
        Duration pause = daemonBackoff.after(lived);
        Say.it("the daemon " + (lost == null ? "did not come to serve" : "was lost (" + lost.end() + ")")
                + (ended == null ? "" : ", exit code " + code) + "; the next one starts"
                + (pause.isZero() ? "" : " in " + pause.toMillis() + " ms"));
        waitFor(pause);
        if (!stopping && !watch.isServing()) {
            adopted = false;
            daemon = start(watch.hasEstate() ? Kind.HEIR : Kind.FIRST);
        }
        return null;
    }

    private void waitFor(Duration pause) throws InterruptedException {
        long deadline = System.nanoTime() + pause.toNanos();
        for (long left = pause.toMillis(); left > 0 && !stopping; left = (deadline - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    private boolean standbyTookOver() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Supervised.lives(standby) && !watch.isServing() && System.nanoTime() < deadline && !stopping) {
            wait(20);
        }
        if (watch.isServing()) {
            adopted = false;
            return true;
        }
        Supervised late = standby;
        if (late != null && late.isAlive() && !stopping) {
            Say.it("the standby did not take over within " + PATIENCE.toSeconds() + " s and is ended");
            late.process().destroyForcibly().waitFor();
        }
        return false;
    }

    private void keepStandby() throws IOException, InterruptedException {
        if (!withStandby || !watch.isServing() || Supervised.lives(standby)) {
            return;
        }
        Supervised ended = standby;
        if (ended != null) {
            Duration pause = standbyBackoff.after(ended.lived());
            Say.it("the standby ended with " + ended.code() + "; the next one starts in " + pause.toMillis() + " ms");
            standby = null;
            waitFor(pause);
        }
        if (!stopping && watch.isServing()) {
            standby = start(Kind.STANDBY);
        }
    }

    /** Lets {@link #run} end what it has begun. */
    synchronized void stop() {
        stopping = true;
        notifyAll();
    }

    /** Asks the daemon to end, if it has not; the standby ends with it. */
    private int end() throws InterruptedException {
        Supervised serving = daemon;
        int code = 0;
        if (serving != null) {
            serving.process().destroy();
            serving.process().waitFor();
            code = serving.code();
        } else if (watch.isServing() && watch.pid() > 0) {
            ProcessHandle.of(watch.pid()).ifPresent(ProcessHandle::destroy);
        }
        Supervised waiting = standby;
        if (waiting != null) {
            waiting.process().destroy();
            if (!waiting.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                waiting.process().destroyForcibly().waitFor();
            }
        }
        return code;
    }
}
