package io.rafsd.builder;

import io.rafsd.codec.Digest;

/**
 * A chunk of the blob; its index is its position among them.
 *
 * @param digest of its uncompressed bytes
 * @param compressedOffset in the blob
 * @param compressedSize bytes as stored
 * @param uncompressedOffset in the blob's uncompressed address space, a multiple of 4096
 * @param uncompressedSize bytes
 */
record StoredChunk(
        Digest digest, long compressedOffset, int compressedSize, long uncompressedOffset, int uncompressedSize) {

    boolean isCompressed() {
        return compressedSize < uncompressedSize;
    }
}
