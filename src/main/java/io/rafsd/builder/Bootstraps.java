package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Chooses how a bootstrap is written. */
final class Bootstraps {

    private Bootstraps() {}

    /**
     * A whole bootstrap.
     *
     * @param blobs of the image, in the order of its blob table
     * @param prefetched entries to be listed for prefetching
     */
    static MemorySegment encode(
            ImageFormat format, SourceTree tree, List<BlobInfo> blobs, List<Entry> prefetched, Arena arena) {
        return switch (format.version()) {
            case V5 -> new BootstrapV5(format, tree, blobs, prefetched).encode(arena);
            case V6 -> new BootstrapWriter(format, tree, blobs, prefetched).encode(arena);
        };
    }
}
