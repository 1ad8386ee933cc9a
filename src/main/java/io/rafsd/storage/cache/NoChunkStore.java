package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.CacheFailure;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Keeps nothing, where the cache directory cannot be used: every read goes to the backend. */
record NoChunkStore(String reason) implements ChunkStore {

    @Override
    public boolean areVerified(int firstChunk, int lastChunk) {
        return false;
    }

    @Override
    public boolean read(int firstChunk, int lastChunk, long offset, MemorySegment destination) {
        return false;
    }

    @Override
    public boolean isReady(int chunk) {
        return false;
    }

    @Override
    public Found check(
            int chunk, long offset, MemorySegment bytes, DigestAlgorithm algorithm, @Nullable Digest digest) {
        return Found.ABSENT;
    }

    @Override
    public void forget(int chunk) {}

    @Override
    public void store(StoredRun run) throws IOException {
        throw new CacheFailure(reason);
    }

    @Override
    public int readyCount() {
        return 0;
    }

    @Override
    public int verifiedCount() {
        return 0;
    }

    @Override
    public long diskBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
