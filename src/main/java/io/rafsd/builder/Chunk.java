package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.rafs.layout.ChunkRecord;

/**
 * A chunk that a blob holds.
 *
 * @param digest of its uncompressed bytes
 * @param blob that holds it
 * @param index among the chunks of the blob
 * @param flags of {@link ChunkRecord}
 * @param compressedSize bytes as stored
 * @param uncompressedSize bytes
 * @param compressedOffset in the blob
 * @param uncompressedOffset in the blob's uncompressed address space
 * @param crc32c of its uncompressed bytes, if the flags say so
 */
record Chunk(
        Digest digest,
        BlobSlot blob,
        int index,
        int flags,
        int compressedSize,
        int uncompressedSize,
        long compressedOffset,
        long uncompressedOffset,
        int crc32c) {

    boolean isCompressed() {
        return (flags & ChunkRecord.COMPRESSED) != 0;
    }
}
