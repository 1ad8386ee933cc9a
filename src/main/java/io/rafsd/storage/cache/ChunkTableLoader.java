package io.rafsd.storage.cache;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.nio.file.Path;

/** Loads a blob's chunk table. */
@FunctionalInterface
interface ChunkTableLoader {

    /** From {@code file} where it is kept, else from the blob; may block on the network. */
    ChunkTable load(BlobInfo blob, BlobReader reader, Path file, ReadContext context) throws IOException;
}
