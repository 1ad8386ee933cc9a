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
     * Fills {@code destination} if all chunks from {@code firstChunk} to {@code lastChunk} that hold the bytes are on local
     * disk and believed. One positioned read; never waits for the network, allocates nothing.
     *
     * @param start where the image says that the first chunk begins in the blob's uncompressed address space; the others
     *     follow side by side
     * @param offset of the first wanted byte from there
     * @return false if any of the chunks is absent, or elsewhere than the image says (or its file cannot be read: it then
     *     counts as absent); the contents of {@code destination} are undefined then
     */
    boolean readIfReady(int firstChunk, int lastChunk, long start, int offset, MemorySegment destination);

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
     * @param start where the image says that it begins in the blob's uncompressed address space
     * @param offset of the first wanted byte in the uncompressed chunk
     * @param destination receives as many bytes as it has room for
     */
    record ChunkSlice(int chunk, long start, int offset, MemorySegment destination) {}

    /** Told once when a read has ended. */
    interface Completion {

        void done();

        void failed(IOException failure);
    }
}
