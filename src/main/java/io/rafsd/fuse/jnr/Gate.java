package io.rafsd.fuse.jnr;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds requests back while nobody serves: libfuse reads them from the kernel whether we want it or not. Shut at first.
 * Safe for many threads.
 */
final class Gate {

    private enum Position {
        SHUT,
        OPEN,
        GONE
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Condition empty = lock.newCondition();
    private Position position = Position.SHUT;
    private int inside;

    /**
     * Waits until requests are served; {@link #leave} has to follow.
     *
     * @throws PosixError ENOTCONN once the mount has gone
     */
    void enter() throws PosixError {
        lock.lock();
        try {
            while (position == Position.SHUT) {
                moved.awaitUninterruptibly();
            }
            if (position == Position.GONE) {
                throw new PosixError(Errno.ENOTCONN, "the mount has gone");
            }
            inside++;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            if (--inside == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void open() {
        move(Position.OPEN);
    }

    void shut() {
        move(Position.SHUT);
    }

    /** For good: requests that wait, and all later ones, are refused. */
    void dismantle() {
        move(Position.GONE);
    }

    private void move(Position to) {
        lock.lock();
        try {
            if (position != Position.GONE) {
                position = to;
                moved.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all that entered have left. @return false if some have not in time */
    boolean awaitEmpty(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (inside > 0) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = empty.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
