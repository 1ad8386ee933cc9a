package io.rafsd.storage.device;

import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** All blobs of one image, addressed by their index in its blob table. Safe for many threads. */
public interface BlobDevice {

    /**
     * Part of one chunk of one blob.
     *
     * @param blob its index in the image's blob table
     * @param slice which bytes, and where they go
     */
    record DeviceSlice(int blob, BlobCache.ChunkSlice slice) {}

    /** As {@link BlobCache#readIfReady} on the blob with this index. */
    boolean readIfReady(int blob, int firstChunk, int lastChunk, long start, int offset, MemorySegment destination);

    /** As {@link BlobCache#read} over several blobs: done when all are, failed with the first failure. */
    void read(List<DeviceSlice> slices, ReadContext context, BlobCache.Completion completion);
}
