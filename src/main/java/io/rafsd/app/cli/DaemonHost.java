package io.rafsd.app.cli;

import java.io.IOException;

/** The process of a daemon, which can answer before it is known what the daemon will be. */
public interface DaemonHost extends DaemonRunner, AutoCloseable {

    /**
     * Begins to answer on the control socket: INIT, until {@link #run} has more to say.
     *
     * @throws io.rafsd.error.AlreadyExists if another daemon answers there
     */
    void answer(ControlAddress address) throws IOException;

    /** Ends what was begun, where nothing was run after all. */
    @Override
    void close();
}
