package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.storage.backend.BlobReader;

/** Where the chunk table of a blob comes from. */
public sealed interface ChunkTableSource {

    /** The image's bootstrap holds it (RAFS v5): each mount has its own, which may leave out what its image does not use. */
    record Bootstrap(ChunkTable table) implements ChunkTableSource {}

    /**
     * A blob holds it: this one at its end, or one of its own (zran).
     *
     * @param reader of the blob that holds the table
     */
    record Blob(BlobReader reader) implements ChunkTableSource {}
}
