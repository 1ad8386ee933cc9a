package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

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

    /** The compression with this number, or null if there is none. */
    public static @Nullable Compression of(int number) {
        return switch (number) {
            case 0 -> NONE;
            case 1 -> LZ4_BLOCK;
            case 2 -> GZIP;
            case 3 -> ZSTD;
            default -> null;
        };
    }

    /**
     * Decompresses all of {@code compressed} into exactly all of {@code plain}.
     *
     * @throws IntegrityFailure if the bytes are no valid frame or give another length; {@code plain} is then undefined
     */
    public void decompress(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        switch (this) {
            case NONE -> {
                if (compressed.byteSize() != plain.byteSize()) {
                    throw wrongLength(plain, compressed.byteSize());
                }
                plain.copyFrom(compressed);
            }
            case LZ4_BLOCK -> Lz4Block.decompress(compressed, plain);
            case GZIP -> GzipMember.decompress(compressed, plain);
            case ZSTD -> ZstdFrame.decompress(compressed, plain);
        }
    }

    /** The most bytes that {@link #compress} may write for {@code plainSize} bytes. */
    public int compressBound(int plainSize) {
        return switch (this) {
            case NONE -> plainSize;
            case LZ4_BLOCK -> Lz4Block.compressBound(plainSize);
            case GZIP -> GzipMember.compressBound(plainSize);
            case ZSTD -> ZstdFrame.compressBound(plainSize);
        };
    }

    /**
     * Compresses all of {@code plain} to the start of {@code compressed}, which has room for {@link #compressBound}.
     *
     * @return the bytes written
     */
    public int compress(MemorySegment plain, MemorySegment compressed) {
        return switch (this) {
            case NONE -> {
                compressed.copyFrom(plain);
                yield Math.toIntExact(plain.byteSize());
            }
            case LZ4_BLOCK -> Lz4Block.compress(plain, compressed);
            case GZIP -> GzipMember.compress(plain, compressed);
            case ZSTD -> ZstdFrame.compress(plain, compressed);
        };
    }

    static IntegrityFailure wrongLength(MemorySegment plain, long found) {
        return new IntegrityFailure("decompressing gave " + found + " bytes where the image says " + plain.byteSize());
    }
}
