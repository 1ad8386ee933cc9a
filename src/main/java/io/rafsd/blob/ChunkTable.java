package io.rafsd.blob;

/**
 * Where each chunk of a blob lies, compressed and uncompressed. Chunks are numbered from 0 in the order of their
 * uncompressed offsets. Reads allocate nothing; safe for many threads.
 */
public interface ChunkTable {

    int chunkCount();

    /** Offset in the blob as stored, bytes. */
    long compressedOffset(int chunk);

    /** Bytes in the blob as stored. */
    int compressedSize(int chunk);

    /** Offset in the blob's uncompressed address space, which is also that of the cache file; a multiple of 4096. */
    long uncompressedOffset(int chunk);

    /** Bytes after decompression. */
    int uncompressedSize(int chunk);

    /** Whether the stored bytes are compressed; a chunk that does not shrink is stored as it is. */
    boolean isCompressed(int chunk);
}
