package io.rafsd.storage.backend;

import io.rafsd.error.BackendFailure;
import io.rafsd.stats.BackendStats;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * How long to wait before the next attempt of one read: 50 ms, doubled each time up to 2 s, of which a random part is
 * taken, so that the readers of a restarted registry do not all come back at once. Confined to one thread.
 */
final class BackOff {

    private static final long FIRST_NANOS = 50_000_000;
    private static final long LONGEST_NANOS = 2_000_000_000;

    private final int retryLimit;
    private final ReadContext context;
    private final BackendStats stats;
    private int retries;

    BackOff(int retryLimit, ReadContext context, BackendStats stats) {
        this.retryLimit = retryLimit;
        this.context = context;
        this.stats = stats;
    }

    /** Waits until the next attempt is due. @throws IOException the {@code failure}, if there is none */
    void awaitRetryAfter(IOException failure) throws IOException {
        if (!(failure instanceof BackendFailure known)
                || known.kind() != BackendFailure.Kind.RETRYABLE
                || retries >= retryLimit) {
            throw failure;
        }
        long ceiling = Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(retries, 10));
        long wait = ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2);
        if (wait >= context.remainingNanos()) {
            throw failure;
        }
        retries++;
        stats.retries.increment();
        pause(wait);
    }

    /** Neither obeys nor swallows an interrupt: nobody here interrupts, and who does finds the flag set afterwards. */
    private static void pause(long nanos) {
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
