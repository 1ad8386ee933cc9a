package io.rafsd.storage.blobmeta;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One entry of a chunk table in either form (RAFS format, section 3.5).
 *
 * <pre>
 * v1, 16 bytes:  word 0: bits 12-43 uncompressed offset, 44-63 and 8-11 uncompressed size - 1 (low, high)
 *                word 1: bits 0-39 compressed offset,    44-63 and 40-43 compressed size - 1 (low, high)
 * v2, 24 bytes:  word 0: bits 0-31 uncompressed offset >> 12, 32-55 uncompressed size - 1, 56-63 flags
 *                word 1: bits 0-39 compressed offset, 40-63 compressed size
 *                word 2: CRC-32C, or context index and offset
 * </pre>
 *
 * @param uncompressedOffset multiple of 4096
 * @param uncompressedSize 1 to 16 MiB
 * @param compressedOffset below 1 TiB
 * @param compressedSize bytes as stored; 0 in a batch, whose context knows
 * @param flags of v2; in v1 {@link #COMPRESSED} if the sizes differ
 * @param detail of v2: of a chunk in a batch or a zran window its {@link #context} and {@link #offsetInContext}, else its
 *     CRC-32C if {@link #HAS_CRC32C}
 */
public record ChunkEntry(
        long uncompressedOffset,
        int uncompressedSize,
        long compressedOffset,
        int compressedSize,
        int flags,
        long detail) {

    public static final int SIZE_V1 = 16;
    public static final int SIZE_V2 = 24;

    public static final int COMPRESSED = 0x1;
    public static final int ZRAN = 0x2;
    public static final int BATCH = 0x4;
    public static final int ENCRYPTED = 0x8;
    public static final int HAS_CRC32C = 0x10;

    private static final long OFFSET_MASK = 0xFFF_FFFF_F000L;
    private static final long COMPRESSED_OFFSET_MASK = 0xFF_FFFF_FFFFL;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Without detail. */
    public ChunkEntry(
            long uncompressedOffset, int uncompressedSize, long compressedOffset, int compressedSize, int flags) {
        this(uncompressedOffset, uncompressedSize, compressedOffset, compressedSize, flags, 0);
    }

    static ChunkEntry decodeV1(MemorySegment table, int index) {
        long u = table.get(U64, (long) index * SIZE_V1);
        long c = table.get(U64, (long) index * SIZE_V1 + 8);
        int uncompressedSize = (int) ((u >>> 44) | (u & 0xF00) << 12) + 1;
        int compressedSize = (int) ((c >>> 44) | (c >>> 40 & 0xF) << 20) + 1;
        return new ChunkEntry(
                u & OFFSET_MASK,
                uncompressedSize,
                c & COMPRESSED_OFFSET_MASK,
                compressedSize,
                compressedSize == uncompressedSize ? 0 : COMPRESSED,
                0);
    }

    static ChunkEntry decodeV2(MemorySegment table, int index) {
        long u = table.get(U64, (long) index * SIZE_V2);
        long c = table.get(U64, (long) index * SIZE_V2 + 8);
        return new ChunkEntry(
                (u & 0xFFFF_FFFFL) << 12,
                (int) (u >>> 32 & 0xFF_FFFF) + 1,
                c & COMPRESSED_OFFSET_MASK,
                (int) (c >>> 40),
                (int) (u >>> 56),
                table.get(U64, (long) index * SIZE_V2 + 16));
    }

    /** Number of the context that holds the chunk. */
    int context() {
        return (int) (detail >>> 32);
    }

    /** Where the chunk begins in what its context decodes to, bytes. */
    int offsetInContext() {
        return (int) detail;
    }

    /** The detail of a chunk in a context. */
    public static long detail(int context, int offset) {
        return (long) context << 32 | offset & 0xFFFF_FFFFL;
    }

    /** Writes it as v1 entry {@code index} of {@code table}. */
    public void encodeV1(MemorySegment table, int index) {
        long u = uncompressedSize - 1L;
        long c = compressedSize - 1L;
        table.set(U64, (long) index * SIZE_V1, uncompressedOffset | (u & 0xF_FFFF) << 44 | (u >>> 20) << 8);
        table.set(U64, (long) index * SIZE_V1 + 8, compressedOffset | (c & 0xF_FFFF) << 44 | (c >>> 20) << 40);
    }

    /** Writes it as v2 entry {@code index} of {@code table}. */
    public void encodeV2(MemorySegment table, int index) {
        long at = (long) index * SIZE_V2;
        table.set(U64, at, uncompressedOffset >>> 12 | (uncompressedSize - 1L) << 32 | (long) flags << 56);
        table.set(U64, at + 8, compressedOffset | (long) compressedSize << 40);
        table.set(U64, at + 16, detail);
    }
}
