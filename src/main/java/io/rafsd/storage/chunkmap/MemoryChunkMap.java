package io.rafsd.storage.chunkmap;

/** A chunk map that ends with the process, for caches whose directory takes no file. Safe for many threads. */
public final class MemoryChunkMap implements ChunkMap {

    private final ChunkBitmap bits;

    public MemoryChunkMap(int chunkCount) {
        bits = new ChunkBitmap(chunkCount);
    }

    @Override
    public int chunkCount() {
        return bits.size();
    }

    @Override
    public boolean isReady(int chunk) {
        return bits.get(chunk);
    }

    @Override
    public int readyCount() {
        return bits.count();
    }

    @Override
    public void markReady(int chunk) {
        bits.set(chunk);
    }

    @Override
    public void clear(int chunk) {
        bits.clear(chunk);
    }

    @Override
    public void close() {}
}
