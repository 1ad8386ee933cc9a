package io.rafsd.storage.cache;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.ReadContext;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends tickets whose transfer has not ended by its deadline, whatever the transfer hangs in, so that the next reader starts
 * another one. Closed when the transfer has ended. What it brings later is kept all the same.
 */
final class Overdue implements AutoCloseable {

    private final @Nullable Future<?> alarm;

    Overdue(SharedBlob blob, List<Ticket> tickets, ReadContext context) {
        Future<?> scheduled;
        try {
            scheduled = blob.transit()
                    .threads()
                    .clock()
                    .schedule(() -> fail(blob, tickets), context.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The manager is closed: all readers have been answered.
            scheduled = null;
        }
        alarm = scheduled;
    }

    private static void fail(SharedBlob blob, List<Ticket> tickets) {
        BackendFailure failure = new BackendFailure(
                BackendFailure.Kind.RETRYABLE,
                "blob " + blob.files().id() + ": the origin did not deliver within the time that a read waits");
        for (Ticket ticket : tickets) {
            blob.inFlight().fail(ticket, failure);
        }
    }

    @Override
    public void close() {
        if (alarm != null) {
            alarm.cancel(false);
        }
    }
}
