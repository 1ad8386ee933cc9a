package io.rafsd.app.cli;

import java.io.IOException;

/** Runs the daemon; the application hands it in, because commands stand below it. */
@FunctionalInterface
public interface DaemonRunner {

    /** Returns when the daemon has ended. @return the exit code */
    int run(DaemonLaunch launch) throws IOException;
}
