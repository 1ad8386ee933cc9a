package io.rafsd.storage.cache;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.ReadContext;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the memory of all chunks on their way. Taken as a whole before a transfer begins, given back chunk by chunk by
 * threads that never take from it, so nobody who holds a part waits for more. A request larger than the budget goes ahead
 * when it is alone. Safe for many threads.
 */
final class MemoryBudget {

    private final long limit;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition freed = lock.newCondition();
    private long taken;

    MemoryBudget(long limitBytes) {
        this.limit = limitBytes;
    }

    /** @throws BackendFailure if the deadline passes first */
    void take(long bytes, ReadContext context) throws BackendFailure {
        lock.lock();
        try {
            while (taken > 0 && taken + bytes > limit) {
                long left = context.remainingNanos();
                if (left <= 0) {
                    throw new BackendFailure(
                            BackendFailure.Kind.RETRYABLE,
                            "no memory for " + bytes + " bytes within the deadline, " + taken + " of " + limit
                                    + " bytes are taken by other transfers: the origin or the cache disk is too slow"
                                    + " for what is read");
                }
                awaitFreed(left);
            }
            taken += bytes;
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            taken -= bytes;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    long taken() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private void awaitFreed(long nanos) {
        try {
            long ignored = freed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody interrupts transfers; who does loses no more than one wait.
            Thread.currentThread().interrupt();
        }
    }
}
