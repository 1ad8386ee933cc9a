package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;

/**
 * What the mounts of one blob in one directory share. Closed after the last of them.
 *
 * @param files of the blob
 * @param store what is on disk
 * @param table where the chunks lie
 * @param inFlight chunks on their way
 * @param writes passed by those on their way to disk
 * @param transit how they come
 * @param dedup where equal chunks lie in other files
 */
record SharedBlob(
        CacheFiles files,
        ChunkStore store,
        LazyChunkTable table,
        InFlightFetches inFlight,
        UseGate writes,
        Transit transit,
        DedupDatabase dedup)
        implements AutoCloseable {

    SharedBlob(CacheFiles files, ChunkStore store, LazyChunkTable table, Transit transit, DedupDatabase dedup) {
        this(files, store, table, new InFlightFetches(), new UseGate(), transit, dedup);
    }

    /** Lets other caches know of a chunk that was stored. */
    void announce(DigestAlgorithm algorithm, Digest digest, long offset) {
        dedup.add(algorithm, digest, new DedupDatabase.Place(files.data(), offset));
    }

    /** Waits for the writes that have been asked for: the chunks were paid for. Those that arrive later are dropped. */
    @Override
    public void close() {
        writes.closeAndAwait();
        store.close();
    }
}
