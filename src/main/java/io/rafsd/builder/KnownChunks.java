package io.rafsd.builder;

import io.rafsd.codec.Digest;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks need not be stored: those of the dictionary, of the parent image, and of this build so far. Workers ask, so
 * that they need not compress what is stored; one thread adds, in the blob's order. What a worker misses because it asked
 * too early, it compresses in vain: the bytes stay the same.
 */
final class KnownChunks {

    private final ConcurrentHashMap<Digest, Chunk> chunks = new ConcurrentHashMap<>();

    /** The chunk with this content, or null. */
    @Nullable
    Chunk find(Digest digest, int size) {
        Chunk chunk = chunks.get(digest);
        return chunk != null && chunk.uncompressedSize() == size ? chunk : null;
    }

    /** The first chunk with a content stays the one that is found. */
    void add(Chunk chunk) {
        chunks.putIfAbsent(chunk.digest(), chunk);
    }
}
