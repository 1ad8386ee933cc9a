package io.rafsd.app;

import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.Lifecycle;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.springframework.context.SmartLifecycle;

/**
 * Mounts and serves as soon as all parts are there, and before the web server starts, which takes as long again. Stopping is
 * the controller's, in its own order.
 */
final class DaemonBoot implements SmartLifecycle {

    /** Below the web server's, which is close to the largest. */
    private static final int PHASE = 0;

    private final DaemonController controller;
    private final Daemon daemon;
    private final Lifecycle lifecycle;
    private volatile boolean running;

    DaemonBoot(DaemonController controller, Daemon daemon, Lifecycle lifecycle) {
        this.controller = controller;
        this.daemon = daemon;
        this.lifecycle = lifecycle;
    }

    @Override
    public void start() {
        controller.setDaemon(daemon, lifecycle);
        running = true;
        if (daemon.settings().waits()) {
            return;
        }
        try {
            controller.mountAndStart();
        } catch (IOException e) {
            controller.shutDown();
            throw new UncheckedIOException("the daemon could not mount", e);
        }
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
