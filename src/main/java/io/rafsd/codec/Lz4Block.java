package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** One raw LZ4 block: no frame, no size. Only the safe decompressor is used; the fast one trusts its input. */
final class Lz4Block {

    private static final LZ4SafeDecompressor DECOMPRESSOR =
            LZ4Factory.fastestInstance().safeDecompressor();
    private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();

    private Lz4Block() {}

    static void decompress(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        int written;
        try {
            written = DECOMPRESSOR.decompress(
                    compressed.asByteBuffer(),
                    0,
                    Math.toIntExact(compressed.byteSize()),
                    plain.asByteBuffer(),
                    0,
                    Math.toIntExact(plain.byteSize()));
        } catch (LZ4Exception e) {
            throw new IntegrityFailure("the lz4 block of " + compressed.byteSize() + " bytes is damaged", e);
        }
        if (written != plain.byteSize()) {
            throw Compression.wrongLength(plain, written);
        }
    }

    static int compressBound(int plainSize) {
        return COMPRESSOR.maxCompressedLength(plainSize);
    }

    static int compress(MemorySegment plain, MemorySegment compressed) {
        return COMPRESSOR.compress(
                plain.asByteBuffer(),
                0,
                Math.toIntExact(plain.byteSize()),
                compressed.asByteBuffer(),
                0,
                Math.toIntExact(compressed.byteSize()));
    }
}
