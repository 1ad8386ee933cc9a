package io.rafsd.app;

import io.rafsd.daemon.Daemon;
import io.rafsd.upgrade.Keeper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what the daemon has mounted, on a thread of its own, so that the daemon is not kept waiting; of states that come
 * meanwhile the newest counts.
 */
final class Warming {

    private static final Logger log = LoggerFactory.getLogger(Warming.class);

    private final Daemon daemon;
    private @Nullable Job next;
    private boolean running;

    private static final class Job {
        private final Keeper keeper;
        private final long number;
        private final byte[] state;

        Job(Keeper keeper, long number, byte[] state) {
            this.keeper = keeper;
            this.number = number;
            this.state = state;
        }
    }

    Warming(Daemon daemon) {
        this.daemon = daemon;
    }

    /** Begins to open what is mounted by {@code state}, and tells {@code keeper} when that is done. */
    synchronized void warm(Keeper keeper, long number, byte[] state) {
        next = new Job(keeper, number, state);
        if (!running) {
            running = true;
            Thread.ofPlatform().name("standby-warm").daemon(true).start(this::run);
        }
    }

    /** What has not been begun is not done any more. */
    synchronized void forget() {
        next = null;
    }

    private void run() {
        for (Job job = take(); job != null; job = take()) {
            try {
                daemon.prepare(job.state);
                job.keeper.couldGoOnWith(job.number);
                log.atInfo().addKeyValue("state", job.number).log("ready to take over");
            } catch (IOException e) {
                log.atWarn().log("what is mounted could not be opened yet; a takeover tries again: {}", e.getMessage());
            }
        }
    }

    private synchronized @Nullable Job take() {
        Job job = next;
        next = null;
        running = job != null;
        return job;
    }
}
