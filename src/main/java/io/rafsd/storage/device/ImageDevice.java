package io.rafsd.storage.device;

import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The blobs of an image, in the order of its blob table. */
public final class ImageDevice implements BlobDevice {

    private final BlobCache[] blobs;

    public ImageDevice(List<? extends BlobCache> blobs) {
        this.blobs = blobs.toArray(BlobCache[]::new);
    }

    @Override
    public boolean readIfReady(
            int blob, int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
        return blobs[blob].readIfReady(firstChunk, lastChunk, start, offset, destination);
    }

    @Override
    public void read(List<DeviceSlice> slices, ReadContext context, BlobCache.Completion completion) {
        int parts = countBlobs(slices);
        if (parts == 0) {
            completion.done();
            return;
        }
        BlobCache.Completion joint = parts == 1 ? completion : new JointCompletion(parts, completion);
        for (int blob = 0; blob < blobs.length; blob++) {
            List<BlobCache.ChunkSlice> ofBlob = slicesOf(blob, slices);
            if (!ofBlob.isEmpty()) {
                blobs[blob].read(ofBlob, context, joint);
            }
        }
    }

    /** Checks every index before anything is asked, so that a read is never half begun. */
    private int countBlobs(List<DeviceSlice> slices) {
        boolean[] seen = new boolean[blobs.length];
        int count = 0;
        for (DeviceSlice slice : slices) {
            if (!seen[slice.blob()]) {
                seen[slice.blob()] = true;
                count++;
            }
        }
        return count;
    }

    private static List<BlobCache.ChunkSlice> slicesOf(int blob, List<DeviceSlice> slices) {
        List<BlobCache.ChunkSlice> ofBlob = new ArrayList<>(slices.size());
        for (DeviceSlice slice : slices) {
            if (slice.blob() == blob) {
                ofBlob.add(slice.slice());
            }
        }
        return ofBlob;
    }
}
