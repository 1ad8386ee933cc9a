package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U32;

import java.lang.foreign.MemorySegment;

/**
 * One entry of a regular file's chunk index: 8 bytes, {@code u16 low, u16 high, u32 block}. The blob's number plus one is
 * in the low byte of {@code high}; the chunk's index in its blob is {@code low} and the high byte of {@code high}. Static
 * accessors over the index, because a view object per chunk would be made on every read.
 */
public final class ChunkIndex {

    public static final long SIZE = 8;

    private ChunkIndex() {}

    /** Index of the blob in the blob table; -1 if the entry names none. */
    public static int blob(MemorySegment image, long offset) {
        return (image.get(U16, offset + 2) & 0xFF) - 1;
    }

    /** Index of the chunk in its blob, 24 bits. */
    public static int chunk(MemorySegment image, long offset) {
        return (image.get(U16, offset) & 0xFFFF) | (image.get(U16, offset + 2) & 0xFF00) << 8;
    }

    /** Block address of the chunk in the blob's uncompressed address space. */
    public static long block(MemorySegment image, long offset) {
        return image.get(U32, offset + 4) & 0xFFFF_FFFFL;
    }

    /** Writes an entry. */
    public static void encode(MemorySegment image, long offset, int blob, int chunk, long block) {
        image.set(U16, offset, (short) chunk);
        image.set(U16, offset + 2, (short) ((blob + 1) & 0xFF | (chunk >> 8) & 0xFF00));
        image.set(U32, offset + 4, (int) block);
    }
}
