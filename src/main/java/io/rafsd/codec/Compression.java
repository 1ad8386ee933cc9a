package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;

/** How chunks are compressed; the number is the one RAFS stores. Safe for many threads. */
public enum Compression {
    NONE(0),
    LZ4_BLOCK(1),
    GZIP(2),
    ZSTD(3);

    private final int number;

    Compression(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /**
     * Decompresses all of {@code compressed} into exactly all of {@code plain}.
     *
     * @throws IntegrityFailure if the bytes are no valid frame or give another length; {@code plain} is then undefined
     */
    public void decompress(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        if (this != NONE) {
            throw new IntegrityFailure("the codec room is being built: " + this);
        }
        plain.copyFrom(compressed);
    }

    /** The most bytes that {@link #compress} may write for {@code plainSize} bytes. */
    public long compressBound(long plainSize) {
        return plainSize + plainSize / 255 + 4096;
    }

    /**
     * Compresses all of {@code plain} to the start of {@code compressed}, which has room for {@link #compressBound}.
     *
     * @return the bytes written
     */
    public int compress(MemorySegment plain, MemorySegment compressed) {
        if (this != NONE) {
            throw new IllegalStateException("the codec room is being built: " + this);
        }
        compressed.copyFrom(plain);
        return Math.toIntExact(plain.byteSize());
    }
}
