package io.rafsd.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** One zstd frame per chunk, at the level the reference builder uses. Contexts are pooled: making one costs more than a chunk. */
final class ZstdFrame {

    private static final int LEVEL = 3;
    private static final Pool<ZstdDecompressCtx> DECOMPRESSORS =
            new Pool<>(ZstdDecompressCtx::new, ZstdDecompressCtx::close);
    private static final Pool<ZstdCompressCtx> COMPRESSORS =
            new Pool<>(() -> new ZstdCompressCtx().setLevel(LEVEL), ZstdCompressCtx::close);

    private ZstdFrame() {}

    static void decompress(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        if (!compressed.isNative() || !plain.isNative()) {
            decompressCopy(compressed, plain);
            return;
        }
        if (plain.byteSize() == 0 || compressed.byteSize() == 0) {
            if (plain.byteSize() != 0) {
                throw Compression.wrongLength(plain, 0);
            }
            return;
        }
        ByteBuffer source = compressed.asByteBuffer();
        ByteBuffer target = plain.asByteBuffer();
        ZstdDecompressCtx context = DECOMPRESSORS.take();
        int written;
        try {
            written = context.decompressDirectByteBuffer(target, 0, target.capacity(), source, 0, source.capacity());
        } catch (ZstdException e) {
            throw new IntegrityFailure("the zstd frame of " + compressed.byteSize() + " bytes is damaged", e);
        } finally {
            DECOMPRESSORS.give(context);
        }
        if (written != plain.byteSize()) {
            throw Compression.wrongLength(plain, written);
        }
    }

    static int compressBound(int plainSize) {
        return Math.toIntExact(Zstd.compressBound(plainSize));
    }

    static int compress(MemorySegment plain, MemorySegment compressed) {
        if (!compressed.isNative() || !plain.isNative()) {
            return compressCopy(plain, compressed);
        }
        ByteBuffer source = plain.asByteBuffer();
        ByteBuffer target = compressed.asByteBuffer();
        ZstdCompressCtx context = COMPRESSORS.take();
        try {
            return context.compressDirectByteBuffer(target, 0, target.capacity(), source, 0, source.capacity());
        } finally {
            COMPRESSORS.give(context);
        }
    }

    /** The library's direct form wants off-heap memory on both sides. */
    private static void decompressCopy(MemorySegment compressed, MemorySegment plain) throws IntegrityFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source =
                    arena.allocate(Math.max(1, compressed.byteSize())).asSlice(0, compressed.byteSize());
            MemorySegment target = arena.allocate(Math.max(1, plain.byteSize())).asSlice(0, plain.byteSize());
            source.copyFrom(compressed);
            decompress(source, target);
            plain.copyFrom(target);
        }
    }

    private static int compressCopy(MemorySegment plain, MemorySegment compressed) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(Math.max(1, plain.byteSize())).asSlice(0, plain.byteSize());
            MemorySegment target = arena.allocate(compressed.byteSize());
            source.copyFrom(plain);
            int written = compress(source, target);
            MemorySegment.copy(target, 0, compressed, 0, written);
            return written;
        }
    }
}
