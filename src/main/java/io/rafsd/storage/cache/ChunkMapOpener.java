package io.rafsd.storage.cache;

import io.rafsd.storage.chunkmap.ChunkMap;
import java.io.IOException;
import java.nio.file.Path;

/** Opens or makes a chunk map file. */
@FunctionalInterface
interface ChunkMapOpener {

    /** @throws IOException if the file is there but is no chunk map for so many chunks, or cannot be made */
    ChunkMap open(Path file, int chunkCount) throws IOException;
}
