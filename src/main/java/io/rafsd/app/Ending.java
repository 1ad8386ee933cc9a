package io.rafsd.app;

import io.rafsd.error.UnexpectedEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a daemon's process ends: what has been begun is ended, in the order in which that was asked for, and once. It happens
 * when the daemon has ended, when it could not start, and on a signal, which may come at any moment of the start; a signal
 * is the normal way to end a daemon and gives 0.
 */
final class Ending implements AutoCloseable {

    /** For the work of all steps after a signal; a registry that does not answer must not keep the process. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<Step> steps = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("shutdown").unstarted(this::endProcess);
    private boolean begun;

    /** Ends one thing. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    Ending() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @throws UnexpectedEvent if the end has begun; the step has then been done, and nothing more is to be started */
    void add(Step step) throws IOException {
        synchronized (this) {
            if (!begun) {
                steps.add(step);
                return;
            }
        }
        step.run();
        throw new UnexpectedEvent("the daemon was told to end while it started");
    }

    synchronized boolean hasBegun() {
        return begun;
    }

    /** Returns when all steps are done, whoever does them: what comes after may need that the mount has gone. */
    @Override
    public void close() {
        if (begin()) {
            Runtime.getRuntime().removeShutdownHook(hook);
            runSteps();
            return;
        }
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean begin() {
        boolean first = !begun;
        begun = true;
        return first;
    }

    private void runSteps() {
        for (Step step : steps) {
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                log().atWarn().log("the daemon did not end cleanly: {}", e.getMessage());
            }
        }
        ended.countDown();
    }

    private void endProcess() {
        if (begin()) {
            try {
                Thread worker = Thread.ofPlatform().name("ending").daemon(true).start(this::runSteps);
                if (!worker.join(PATIENCE)) {
                    log().atWarn().log("the daemon did not end within {} s", PATIENCE.toSeconds());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(0);
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Ending.class);
    }
}
