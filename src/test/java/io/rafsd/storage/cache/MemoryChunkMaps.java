package io.rafsd.storage.cache;

import io.rafsd.storage.chunkmap.ChunkMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Chunk maps that live as long as their (empty) file. */
final class MemoryChunkMaps implements ChunkMapOpener {

    private final Map<Path, MemoryMap> maps = new HashMap<>();

    @Override
    public synchronized ChunkMap open(Path file, int chunkCount) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
            maps.remove(file);
        }
        return maps.computeIfAbsent(file, key -> new MemoryMap(chunkCount));
    }

    private static final class MemoryMap implements ChunkMap {

        private final boolean[] ready;

        MemoryMap(int chunks) {
            ready = new boolean[chunks];
        }

        @Override
        public int chunkCount() {
            return ready.length;
        }

        @Override
        public synchronized boolean isReady(int chunk) {
            return ready[chunk];
        }

        @Override
        public synchronized int readyCount() {
            int count = 0;
            for (boolean bit : ready) {
                count += bit ? 1 : 0;
            }
            return count;
        }

        @Override
        public synchronized void markReady(int chunk) {
            ready[chunk] = true;
        }

        @Override
        public synchronized void clear(int chunk) {
            ready[chunk] = false;
        }

        @Override
        public void close() {}
    }
}
