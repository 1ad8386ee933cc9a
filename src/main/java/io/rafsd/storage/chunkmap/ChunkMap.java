package io.rafsd.storage.chunkmap;

import java.io.IOException;

/**
 * Which chunks of one blob are on local disk. Safe for many threads. A chunk is marked after its bytes were written, so
 * whoever sees it ready may read them.
 */
public interface ChunkMap extends AutoCloseable {

    int chunkCount();

    boolean isReady(int chunk);

    /** Chunks that are ready. */
    int readyCount();

    /** Marks a chunk whose bytes are written. Idempotent. */
    void markReady(int chunk) throws IOException;

    /** Forgets a chunk; its bytes may be thrown away after this returns. Idempotent. */
    void clear(int chunk) throws IOException;

    @Override
    void close();
}
