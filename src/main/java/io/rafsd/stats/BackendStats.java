package io.rafsd.stats;

import java.util.concurrent.atomic.LongAdder;

/** What a backend was asked. Safe for many threads. */
public final class BackendStats {

    /** Requests that were answered, from asking to the last byte. */
    public final Latency requests = new Latency();
    /** Requests that failed, retried or not. */
    public final LongAdder errors = new LongAdder();
    /** Attempts after the first. */
    public final LongAdder retries = new LongAdder();
    /** Body bytes received. */
    public final LongAdder bytes = new LongAdder();
    /** Requests that wait for their answer now. */
    public final LongAdder inFlight = new LongAdder();
}
