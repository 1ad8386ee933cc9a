package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verified chunks that follow one another in the cache file, to be written at once.
 *
 * @param firstChunk of them; the others are numbered on
 * @param offset of the first in the uncompressed blob
 * @param bytes from there to the end of the last, zeros between chunks
 * @param chunks the bytes of each
 * @param digests that the image states of each
 */
record StoredRun(
        int firstChunk, long offset, MemorySegment bytes, List<MemorySegment> chunks, List<@Nullable Digest> digests) {

    int lastChunk() {
        return firstChunk + chunks.size() - 1;
    }
}
