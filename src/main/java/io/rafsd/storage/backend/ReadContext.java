package io.rafsd.storage.backend;

import java.time.Duration;

/**
 * What accompanies a read on its way to the backend.
 *
 * @param cause why the bytes are wanted
 * @param deadlineNanos {@link System#nanoTime} after which nobody wants them any more
 */
public record ReadContext(ReadCause cause, long deadlineNanos) {

    public static ReadContext onDemand(Duration patience) {
        return new ReadContext(ReadCause.ON_DEMAND, System.nanoTime() + patience.toNanos());
    }

    /** Nanoseconds left, at least 0. */
    public long remainingNanos() {
        return Math.max(0, deadlineNanos - System.nanoTime());
    }
}
