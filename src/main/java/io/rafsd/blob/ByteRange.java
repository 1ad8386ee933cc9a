package io.rafsd.blob;

/**
 * A range of bytes.
 *
 * @param offset of the first byte
 * @param length in bytes, not negative
 */
public record ByteRange(long offset, long length) {

    public ByteRange {
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new IllegalArgumentException("no range: " + length + " bytes from " + offset);
        }
    }

    /** One past the last byte. */
    public long end() {
        return offset + length;
    }
}
