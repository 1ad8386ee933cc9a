package io.rafsd.fuse;

import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * One mount and its connection to the kernel. {@code serve} and {@code quiesce} may alternate; {@code unmount} is final.
 * Called from one thread at a time, but for {@link #state}.
 */
public interface FuseSession extends AutoCloseable {

    /** Where the session stands. */
    enum State {
        /** Mounted; requests wait in the kernel. */
        MOUNTED,
        /** Workers answer. */
        SERVING,
        /** Unmounted, by us or from outside. */
        ENDED
    }

    State state();

    /**
     * Starts the workers and returns when the kernel's INIT has been answered.
     *
     * @param onEnd run once, on a thread of the session, when the workers end without {@link #quiesce}: the mount was
     *     removed from outside or the connection broke
     */
    void serve(Runnable onEnd) throws IOException;

    /**
     * Stops the workers and waits for what they have begun, at most {@code patience}; the mount stays and requests wait in
     * the kernel.
     */
    void quiesce(Duration patience) throws IOException;

    /** Requests received and not answered; none where the transport cannot tell. */
    default List<InFlightRequest> inFlight() {
        return List.of();
    }

    /**
     * What another process needs to serve this mount on. The descriptor stays the session's.
     *
     * @throws io.rafsd.error.Unsupported if the transport cannot hand over
     */
    default FuseConnection connection() throws IOException {
        throw new Unsupported("this transport cannot hand its mount over; use the transport kernel");
    }

    /** Frees descriptors and memory, and leaves the mount to another process. */
    default void release() throws IOException {
        close();
    }

    /** Unmounts, lazily if in use, and stops the workers. Idempotent; no error if the mount has gone already. */
    void unmount() throws IOException;

    /** Frees descriptors and memory; unmounts first where that has not been done. */
    @Override
    void close() throws IOException;
}
