package io.rafsd.blob;

import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One section of a blob in its table of contents: 128 bytes. The table is the section {@link #TOC} at the end of the blob.
 *
 * @param name of the section, at most 16 bytes of ASCII
 * @param compression of the section, null if its flags name none or several
 * @param digest SHA-256 of the uncompressed section; of {@link #DATA} that of the chunks as stored, with the tar header
 *     behind them
 * @param offset in the blob; old builders wrote the size of {@link #DATA} there
 * @param storedSize bytes in the blob
 * @param size bytes after decompression; of {@link #DATA} those of the uncompressed address space
 */
public record TocEntry(
        String name, @Nullable Compression compression, Digest digest, long offset, long storedSize, long size) {

    public static final int SIZE = 128;
    /** A table has no more bytes. */
    public static final int MAX_TABLE = 0x10000;

    /** The table of contents itself. */
    public static final String TOC = "rafs.blob.toc";
    /** The chunks; not to be extracted by its entry. */
    public static final String DATA = "image.blob";

    public static final String CHUNK_TABLE = "blob.meta";
    public static final String CHUNK_TABLE_HEADER = "blob.meta.header";
    public static final String CHUNK_DIGESTS = "blob.digest";
    public static final String BOOTSTRAP = "image.boot";

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NAME_AT = 8;
    private static final int NAME_SIZE = 16;
    private static final int COMPRESSIONS = 0xF;

    /** Entry {@code index} of a table. */
    public static TocEntry at(MemorySegment table, int index) {
        MemorySegment s = table.asSlice((long) index * SIZE, SIZE);
        return new TocEntry(
                PaddedText.of(s.asSlice(NAME_AT, NAME_SIZE)),
                compression(s.get(U32, 0) & COMPRESSIONS),
                Digest.at(s, 24),
                s.get(U64, 56),
                s.get(U64, 64),
                s.get(U64, 72));
    }

    /**
     * Writes it as entry {@code index} of a table whose bytes there are zero.
     *
     * @throws IllegalArgumentException if there is no flag for its compression
     */
    public void encode(MemorySegment table, int index) {
        MemorySegment s = table.asSlice((long) index * SIZE, SIZE);
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        s.set(U32, 0, flag(compression));
        MemorySegment.copy(text, 0, s, ValueLayout.JAVA_BYTE, NAME_AT, text.length);
        digest.write(s, 24);
        s.set(U64, 56, offset);
        s.set(U64, 64, storedSize);
        s.set(U64, 72, size);
    }

    private static @Nullable Compression compression(int flags) {
        return switch (flags) {
            case 1 -> Compression.NONE;
            case 2 -> Compression.ZSTD;
            case 4 -> Compression.LZ4_BLOCK;
            default -> null;
        };
    }

    private static int flag(@Nullable Compression compression) {
        return switch (compression) {
            case NONE -> 1;
            case ZSTD -> 2;
            case LZ4_BLOCK -> 4;
            case GZIP -> throw new IllegalArgumentException("a section cannot be compressed by gzip");
            case null -> throw new IllegalArgumentException("a section to be written has a compression");
        };
    }
}
