package io.rafsd.stats;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** What a backend was asked. Safe for many threads. */
public final class BackendStats {

    /** Requests that were answered, from asking to the last byte. */
    public final Latency requests = new Latency();

    private final Latency[] bySize = new Latency[Sizes.CLASSES];
    /** Requests that failed, retried or not. */
    public final LongAdder errors = new LongAdder();
    /** Attempts after the first. */
    public final LongAdder retries = new LongAdder();
    /** Body bytes received. */
    public final LongAdder bytes = new LongAdder();
    /** Requests that wait for their answer now. */
    public final LongAdder inFlight = new LongAdder();

    private final FailureLog failures;

    /** @param failures keeps the words of what failed */
    public BackendStats(FailureLog failures) {
        this.failures = failures;
        Arrays.setAll(bySize, _ -> new Latency());
    }

    /** Counts a request that was answered with {@code bytes}. */
    public void answered(long bytes, long nanos) {
        requests.record(nanos);
        bySize[Sizes.classOf(bytes)].record(nanos);
    }

    /** Counts a request that failed, retried or not. */
    public void failed(Exception failure) {
        errors.increment();
        failures.add(String.valueOf(failure.getMessage()));
    }

    /** Those of {@link #requests} whose answers are of one class of {@link Sizes}. */
    public Latency ofSize(int sizeClass) {
        return bySize[sizeClass];
    }
}
