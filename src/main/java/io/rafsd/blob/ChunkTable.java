package io.rafsd.blob;

/**
 * Where each chunk of a blob lies, compressed and uncompressed. Chunks are numbered from 0 in the order of their
 * uncompressed offsets. Safe for many threads.
 */
public interface ChunkTable {

    int chunkCount();

    /** Offset in the blob's uncompressed address space, which is also that of the cache file, bytes. Allocates nothing. */
    long uncompressedOffset(int chunk);

    /** Bytes of the chunk; 0 if the table does not know it. Allocates nothing. */
    int uncompressedSize(int chunk);

    /** The piece of the stored blob that holds the chunk, alone or with its neighbours. */
    StoredUnit unit(int chunk);

    /** Where the chunk begins in its decoded unit, bytes. */
    int offsetInUnit(int chunk);
}
