package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.InvalidImage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header that follows a blob's chunk table: 4096 bytes, most of them zero (RAFS format, section 3.4).
 *
 * @param features of the blob, the bits a table cares for
 * @param compressor of the table
 * @param entries chunks
 * @param offset of the table in the blob
 * @param compressedSize of the table as stored
 * @param uncompressedSize of the table
 * @param contextOffset where in the uncompressed table the contexts of batch or zran begin: behind its entries; 0 if none
 * @param contextSize bytes of the contexts and, for zran, of the dictionaries behind them
 * @param contextCount contexts
 */
public record ChunkTableHeader(
        int features,
        int compressor,
        int entries,
        long offset,
        long compressedSize,
        long uncompressedSize,
        long contextOffset,
        long contextSize,
        int contextCount) {

    public static final int SIZE = 4096;
    private static final int MAGIC = 0xB10B_B10B;
    private static final int SECOND_MAGIC_AT = 4092;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Of a table without contexts. */
    public ChunkTableHeader(
            int features, int compressor, int entries, long offset, long compressedSize, long uncompressedSize) {
        this(features, compressor, entries, offset, compressedSize, uncompressedSize, 0, 0, 0);
    }

    /** @throws InvalidImage if either magic is missing */
    public static ChunkTableHeader decode(MemorySegment bytes) throws InvalidImage {
        if (bytes.byteSize() != SIZE || bytes.get(U32, 0) != MAGIC || bytes.get(U32, SECOND_MAGIC_AT) != MAGIC) {
            throw new InvalidImage("the chunk table's header has not the magic 0xb10bb10b at both ends");
        }
        return new ChunkTableHeader(
                bytes.get(U32, 4),
                bytes.get(U32, 8),
                bytes.get(U32, 12),
                bytes.get(U64, 16),
                bytes.get(U64, 24),
                bytes.get(U64, 32),
                bytes.get(U64, 40),
                bytes.get(U64, 48),
                bytes.get(U32, 56));
    }

    /** Writes it to {@code bytes}, which are {@link #SIZE} zero bytes. */
    public void encode(MemorySegment bytes) {
        bytes.set(U32, 0, MAGIC);
        bytes.set(U32, 4, features);
        bytes.set(U32, 8, compressor);
        bytes.set(U32, 12, entries);
        bytes.set(U64, 16, offset);
        bytes.set(U64, 24, compressedSize);
        bytes.set(U64, 32, uncompressedSize);
        bytes.set(U64, 40, contextOffset);
        bytes.set(U64, 48, contextSize);
        bytes.set(U32, 56, contextCount);
        bytes.set(U32, SECOND_MAGIC_AT, MAGIC);
    }

    /** @throws InvalidImage if the header contradicts what the bootstrap says of the blob */
    void requireAgreement(BlobInfo blob) throws InvalidImage {
        BlobInfo.ChunkTableLocation table = blob.chunkTable();
        boolean agrees = entries == blob.chunkCount()
                && compressor == table.compressor().number()
                && offset == table.offset()
                && compressedSize == table.compressedSize()
                && uncompressedSize == table.uncompressedSize();
        if (!agrees) {
            throw new InvalidImage("blob " + blob.id() + ": the chunk table's header (" + this
                    + ") contradicts the bootstrap (" + blob.chunkCount() + " chunks, " + table + ")");
        }
    }
}
