package io.rafsd.storage.cache;

/**
 * What the mounts of one blob in one directory share.
 *
 * @param files of the blob
 * @param store what is on disk
 * @param table where the chunks lie
 * @param inFlight chunks on their way
 * @param transit how they come
 */
record SharedBlob(
        CacheFiles files, ChunkStore store, LazyChunkTable table, InFlightFetches inFlight, Transit transit) {}
