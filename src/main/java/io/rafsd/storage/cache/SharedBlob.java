package io.rafsd.storage.cache;

/**
 * What the mounts of one blob in one directory share. Closed after the last of them.
 *
 * @param files of the blob
 * @param store what is on disk
 * @param table where the chunks lie
 * @param inFlight chunks on their way
 * @param writes passed by those on their way to disk
 * @param transit how they come
 */
record SharedBlob(
        CacheFiles files,
        ChunkStore store,
        LazyChunkTable table,
        InFlightFetches inFlight,
        UseGate writes,
        Transit transit)
        implements AutoCloseable {

    SharedBlob(CacheFiles files, ChunkStore store, LazyChunkTable table, Transit transit) {
        this(files, store, table, new InFlightFetches(), new UseGate(), transit);
    }

    /** Waits for the writes that have been asked for: the chunks were paid for. Those that arrive later are dropped. */
    @Override
    public void close() {
        writes.closeAndAwait();
        store.close();
    }
}
