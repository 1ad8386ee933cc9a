package io.rafsd.storage.cache;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much decoded data waits for the cache disk. A disk slower than the network would fill the memory budget, and readers
 * would wait for writes; beyond half of it, chunks are handed out and not kept. Safe for many threads.
 */
final class WriteBehind {

    private final long limitBytes;
    private final AtomicLong waiting = new AtomicLong();

    WriteBehind(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * Whether the disk may be given so many bytes more; then {@link #written} follows.
     *
     * @param droppable false for what is fetched only to be kept: its sender waits until it is
     */
    boolean accept(long bytes, boolean droppable) {
        if (waiting.addAndGet(bytes) > Math.max(bytes, limitBytes) && droppable) {
            waiting.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void written(long bytes) {
        waiting.addAndGet(-bytes);
    }
}
