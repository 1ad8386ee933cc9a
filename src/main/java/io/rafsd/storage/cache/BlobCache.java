package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Serves the chunks of one blob: from local disk where they are, else from the backend, verified before the first byte is
 * handed out and fetched once however many readers wait. Safe for many threads.
 */
public interface BlobCache {

    BlobId id();

    /**
     * Fills {@code destination} with the bytes from {@code offset} of the blob's uncompressed address space on, if all
     * chunks from {@code firstChunk} to {@code lastChunk} that hold them are on local disk and believed. One positioned
     * read; never waits for the network, allocates nothing.
     *
     * @return false if any of the chunks is absent (or its file cannot be read: it then counts as absent); the contents of
     *     {@code destination} are undefined then
     */
    boolean readIfReady(int firstChunk, int lastChunk, long offset, MemorySegment destination);

    /**
     * Fills every slice's destination and then completes {@code completion}, once, on this or another thread. Returns
     * without waiting for the network. The destinations belong to the cache until then.
     */
    void read(List<ChunkSlice> slices, ReadContext context, Completion completion);

    /** Wants chunks on local disk without anybody waiting; gives up silently. */
    void prefetch(int firstChunk, int lastChunk, ReadContext context);

    /**
     * Part of one chunk, wanted by a reader.
     *
     * @param chunk its index in the blob
     * @param offset of the first wanted byte in the uncompressed chunk
     * @param destination receives as many bytes as it has room for
     */
    record ChunkSlice(int chunk, int offset, MemorySegment destination) {}

    /** Told once when a read has ended. */
    interface Completion {

        void done();

        void failed(IOException failure);
    }
}
