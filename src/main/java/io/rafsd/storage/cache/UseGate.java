package io.rafsd.storage.cache;

import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets many threads use something without a lock, and its owner wait until none does. Safe for many threads.
 *
 * <p>An adder's increment and the write of {@code closed} are both sequentially consistent, so either the user sees the
 * gate closed or the owner sees the user. The owner reads who left before who entered: equal sums then mean that nobody
 * was inside.
 */
final class UseGate {

    private static final long POLL_NANOS = 100_000;

    private final LongAdder entered = new LongAdder();
    private final LongAdder left = new LongAdder();
    private volatile boolean closed;

    /** Whether the caller may go on; then it calls {@link #leave} when it has finished. */
    boolean enter() {
        entered.increment();
        if (closed) {
            left.increment();
            return false;
        }
        return true;
    }

    void leave() {
        left.increment();
    }

    /** Lets nobody in any more and waits until everybody has left. */
    void closeAndAwait() {
        closed = true;
        while (true) {
            long out = left.sum();
            if (entered.sum() == out) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
