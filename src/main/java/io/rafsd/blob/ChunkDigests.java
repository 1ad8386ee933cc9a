package io.rafsd.blob;

import io.rafsd.codec.Digest;
import org.jspecify.annotations.Nullable;

/** The digests that an image states for the chunks of one of its blobs. Safe for many threads. */
@FunctionalInterface
public interface ChunkDigests {

    /** The digest of the uncompressed chunk, or null where the image states none. */
    @Nullable
    Digest of(int chunk);
}
