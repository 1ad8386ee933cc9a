package io.rafsd.fuse.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Buffers of reads that wait for the network, in two sizes. A few are kept; what is more is left to the collector. Safe
 * for many threads.
 */
final class ReadBuffers {

    static final int SMALL = 128 << 10;
    private static final int KEPT_SMALL = 32;
    private static final int KEPT_LARGE = 4;

    private final int large;
    private final Shelf smallOnes = new Shelf(KEPT_SMALL);
    private final Shelf largeOnes = new Shelf(KEPT_LARGE);

    ReadBuffers(int largest) {
        this.large = largest;
    }

    MemorySegment take(int size) {
        return size <= SMALL ? smallOnes.take(SMALL) : largeOnes.take(Math.max(size, large));
    }

    void give(MemorySegment buffer) {
        if (buffer.byteSize() == SMALL) {
            smallOnes.give(buffer);
        } else {
            largeOnes.give(buffer);
        }
    }

    private static final class Shelf {

        private final ConcurrentLinkedQueue<MemorySegment> idle = new ConcurrentLinkedQueue<>();
        private final AtomicInteger count = new AtomicInteger();
        private final int most;

        Shelf(int most) {
            this.most = most;
        }

        MemorySegment take(int size) {
            MemorySegment kept = idle.poll();
            if (kept != null) {
                count.decrementAndGet();
                return kept;
            }
            return Arena.ofAuto().allocate(size, 4096);
        }

        void give(MemorySegment buffer) {
            if (count.incrementAndGet() <= most) {
                idle.offer(buffer);
            } else {
                count.decrementAndGet();
            }
        }
    }
}
