package io.rafsd.stats;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts durations in fixed buckets: three adders a record, no lock. Safe for many threads. */
public final class Latency {

    /**
     * Upper bounds of the buckets, nanoseconds, ascending; longer ones count in {@link #count} only. The bounds that nydusd
     * reports by are among them.
     */
    private static final long[] BOUNDS = {
        20_000L,
        50_000L,
        100_000L,
        200_000L,
        1_000_000L,
        5_000_000L,
        20_000_000L,
        50_000_000L,
        100_000_000L,
        500_000_000L,
        1_000_000_000L,
        2_000_000_000L,
        10_000_000_000L,
        60_000_000_000L
    };

    private final LongAdder[] buckets = new LongAdder[BOUNDS.length];
    private final LongAdder count = new LongAdder();
    private final LongAdder total = new LongAdder();
    private final LongAccumulator max = new LongAccumulator(Long::max, 0);

    public Latency() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    public void record(long nanos) {
        count.increment();
        total.add(nanos);
        if (nanos > max.get()) {
            max.accumulate(nanos);
        }
        for (int i = 0; i < BOUNDS.length; i++) {
            if (nanos <= BOUNDS[i]) {
                buckets[i].increment();
                return;
            }
        }
    }

    public long count() {
        return count.sum();
    }

    public long totalNanos() {
        return total.sum();
    }

    public long maxNanos() {
        return max.get();
    }

    /** How many buckets there are. */
    public static int bucketCount() {
        return BOUNDS.length;
    }

    /** Upper bound of a bucket, nanoseconds. */
    public static long boundNanos(int bucket) {
        return BOUNDS[bucket];
    }

    /** Durations in this bucket alone, not cumulated. */
    public long inBucket(int bucket) {
        return buckets[bucket].sum();
    }

    /**
     * The same durations in other buckets, and one more for those that are longer than all bounds.
     *
     * @param bounds upper bounds, nanoseconds, ascending; each is one of ours
     */
    public long[] distribution(long... bounds) {
        long[] found = new long[bounds.length + 1];
        long left = count.sum();
        int wide = 0;
        for (int i = 0; i < BOUNDS.length; i++) {
            while (wide < bounds.length && BOUNDS[i] > bounds[wide]) {
                wide++;
            }
            if (wide < bounds.length) {
                long here = buckets[i].sum();
                found[wide] += here;
                left -= here;
            }
        }
        found[bounds.length] = Math.max(0, left);
        return found;
    }
}
