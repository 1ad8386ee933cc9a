package io.rafsd.stats;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a cache did. Safe for many threads. */
public final class CacheStats {

    /** Reads answered from local disk. */
    public final LongAdder hits = new LongAdder();
    /** Reads that needed the backend, or waited for somebody else's fetch. */
    public final LongAdder misses = new LongAdder();
    /** Chunks that arrived from the backend, were verified and handed out. */
    public final LongAdder chunksFetched = new LongAdder();
    /** Chunks that were found in another blob's cache file, verified and handed out. */
    public final LongAdder chunksShared = new LongAdder();
    /** Digests that matched. */
    public final LongAdder chunksVerified = new LongAdder();
    /** Chunks from the backend that did not match their digest or could not be decompressed. */
    public final LongAdder backendCorruptions = new LongAdder();
    /** Chunks on local disk that were not what the image says. */
    public final LongAdder cacheCorruptions = new LongAdder();
    /** Bytes asked of the backend, as stored there. */
    public final LongAdder fetchedBytes = new LongAdder();
    /** Uncompressed bytes written to local disk. */
    public final LongAdder storedBytes = new LongAdder();
    /** Chunks that could not be kept on local disk. */
    public final LongAdder storeFailures = new LongAdder();
    /** Requests to the backend for what nobody had asked for yet. */
    public final LongAdder prefetchRequests = new LongAdder();
    /** Bytes asked of the backend by those, as stored there. */
    public final LongAdder prefetchedBytes = new LongAdder();
    /** Chunks being fetched now. */
    public final LongAdder inFlight = new LongAdder();

    private final AtomicLong prefetchBegan = new AtomicLong();
    private final AtomicLong prefetchEnded = new AtomicLong();

    /** Counts a request for what nobody has asked for yet; {@link #prefetchEnds} follows. */
    public void prefetchBegins(long bytes) {
        prefetchRequests.increment();
        prefetchedBytes.add(bytes);
        prefetchBegan.compareAndSet(0, System.currentTimeMillis());
    }

    public void prefetchEnds() {
        prefetchEnded.set(System.currentTimeMillis());
    }

    /** When the first of those requests began, milliseconds since the epoch; 0 before. */
    public long prefetchBegan() {
        return prefetchBegan.get();
    }

    /** When the last of those requests so far ended, milliseconds since the epoch; 0 before. */
    public long prefetchEnded() {
        return prefetchEnded.get();
    }
}
