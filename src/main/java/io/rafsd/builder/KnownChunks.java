package io.rafsd.builder;

import io.rafsd.codec.Digest;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which chunks the blob already holds. Workers ask, so that they need not compress what is stored; one thread adds, in the
 * blob's order. What a worker misses because it asked too early, it compresses in vain: the bytes stay the same.
 */
final class KnownChunks {

    private final ConcurrentHashMap<Key, Integer> indexes = new ConcurrentHashMap<>();

    private record Key(Digest digest, int size) {}

    /** Index of the chunk with this content, or null. */
    @Nullable
    Integer index(Digest digest, int size) {
        return indexes.get(new Key(digest, size));
    }

    void add(Digest digest, int size, int index) {
        indexes.put(new Key(digest, size), index);
    }
}
