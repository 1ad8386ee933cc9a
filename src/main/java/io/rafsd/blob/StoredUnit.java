package io.rafsd.blob;

/**
 * What of a blob is stored as one piece, so that it is fetched and decoded at once: most often one chunk; several where
 * small chunks were compressed together (batch), or lie in a stretch of a gzip file that can only be inflated from its
 * start (zran).
 *
 * @param firstChunk of those in it
 * @param lastChunk of those in it, which are numbered one after the other
 * @param offset in the blob as stored, bytes
 * @param storedSize bytes there
 * @param size bytes after decoding
 * @param encoding how the ones become the others
 */
public record StoredUnit(int firstChunk, int lastChunk, long offset, int storedSize, int size, Encoding encoding) {

    /** One past its last stored byte. */
    public long end() {
        return offset + storedSize;
    }

    /** Whether its bytes are those of its chunks as they are. */
    public boolean isRaw() {
        return encoding instanceof Encoding.Raw;
    }

    /** Whether it holds one chunk and nothing else. */
    public boolean isSingle() {
        return firstChunk == lastChunk;
    }
}
