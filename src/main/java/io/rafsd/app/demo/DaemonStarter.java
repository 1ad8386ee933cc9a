package io.rafsd.app.demo;

import io.rafsd.mount.MountManager;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Starts the real daemon in this process; the application hands it in, because the demonstration stands below it. */
public interface DaemonStarter {

    /**
     * Starts a daemon that mounts an image, and returns when it serves.
     *
     * @param reference of the image
     * @param mountPoint an existing empty directory
     * @param stateDirectory for cache files and bootstraps
     * @param afterwards run when the daemon has ended, also by a signal
     */
    RunningDaemon start(String reference, Path mountPoint, Path stateDirectory, Runnable afterwards) throws IOException;

    /** A daemon that serves. Closing unmounts and ends it. */
    interface RunningDaemon extends AutoCloseable {

        /** The name of its state. */
        String state();

        /** Where health, metrics and endpoints are. */
        URI actuator();

        /** What it has mounted, with its counters. */
        MountManager mounts();

        /** Returns when it has ended, by a signal or because the mount was removed. */
        void await() throws InterruptedException;

        @Override
        void close();
    }
}
