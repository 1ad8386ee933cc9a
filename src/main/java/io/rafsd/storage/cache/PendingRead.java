package io.rafsd.storage.cache;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One read until it ends: when all its parts are filled, with the first failure, or at its deadline. Parts are filled
 * under its lock, so that after the end nobody touches the reader's memory. Safe for many threads.
 */
final class PendingRead {

    private static final Logger log = LoggerFactory.getLogger(PendingRead.class);

    private final LeasedBlobCache owner;
    private final ReadContext context;
    private final BlobCache.Completion completion;
    private int partsLeft;
    private boolean ended;
    private boolean missed;
    private @Nullable Future<?> deadline;

    PendingRead(LeasedBlobCache owner, int parts, ReadContext context, BlobCache.Completion completion) {
        this.owner = owner;
        this.partsLeft = parts;
        this.context = context;
        this.completion = completion;
    }

    LeasedBlobCache owner() {
        return owner;
    }

    ReadContext context() {
        return context;
    }

    /** Fills a part from memory. */
    void deliver(BlobCache.ChunkSlice slice, MemorySegment chunk, boolean fromBackend) {
        boolean last;
        synchronized (this) {
            if (ended) {
                return;
            }
            MemorySegment destination = slice.destination();
            MemorySegment.copy(chunk, slice.offset(), destination, 0, destination.byteSize());
            missed |= fromBackend;
            last = fillOne();
        }
        if (last) {
            finish(null);
        }
    }

    /** Fills a part by {@code fill}, unless that says it could not. Returns whether nothing is left to do for the part. */
    boolean fillBy(BooleanSupplier fill) {
        boolean last;
        synchronized (this) {
            if (ended) {
                return true;
            }
            if (!fill.getAsBoolean()) {
                return false;
            }
            last = fillOne();
        }
        if (last) {
            finish(null);
        }
        return true;
    }

    private boolean fillOne() {
        partsLeft--;
        ended = partsLeft == 0;
        return ended;
    }

    void fail(IOException failure) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            missed = true;
        }
        finish(failure);
    }

    void restart(BlobCache.ChunkSlice slice) {
        owner.restart(this, slice);
    }

    /** Sees to it that the read ends in time, if it has not ended yet. */
    synchronized void arm(ScheduledExecutorService clock) {
        if (!ended) {
            deadline = clock.schedule(this::expire, context.remainingNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void expire() {
        fail(new BackendFailure(
                BackendFailure.Kind.RETRYABLE,
                "blob " + owner.id() + ": the origin did not deliver within the time that a read waits; check the"
                        + " network and the origin, or raise the read time-out"));
    }

    private void finish(@Nullable IOException failure) {
        boolean hit;
        synchronized (this) {
            if (deadline != null) {
                deadline.cancel(false);
            }
            hit = !missed;
        }
        owner.ended(this, hit);
        try {
            if (failure == null) {
                completion.done();
            } else {
                completion.failed(failure);
            }
        } catch (RuntimeException e) {
            // Others wait behind this one on the same thread.
            log.atError().setCause(e).addKeyValue("blob", owner.id()).log("a reader could not be answered");
        }
    }
}
