package io.rafsd.rafs.layout;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * One chunk of a blob as a bootstrap lists it: 80 bytes. A view, valid as long as the bootstrap is.
 *
 * @param bytes of the record
 * @see <a href="https://github.com/dragonflyoss/nydus/blob/master/rafs/src/metadata/layout/v5.rs">RAFS chunk record</a>
 */
public record ChunkRecord(MemorySegment bytes) {

    private static final MemoryLayout LAYOUT = structLayout(
            paddingLayout(32).withName("digest"),
            U32.withName("blobIndex"),
            U32.withName("flags"),
            U32.withName("compressedSize"),
            U32.withName("uncompressedSize"),
            U64.withName("compressedOffset"),
            U64.withName("uncompressedOffset"),
            U64.withName("fileOffset"),
            U32.withName("index"),
            U32.withName("crc32c"));
    public static final long SIZE = LAYOUT.byteSize();

    /** Flag: the stored bytes are compressed. */
    public static final int COMPRESSED = 0x1;
    /** Flag: the stored bytes are encrypted. */
    public static final int ENCRYPTED = 0x4;
    /** Flag: {@link #crc32c} is valid. */
    public static final int HAS_CRC32C = 0x10;

    private static final long BLOB_INDEX = Fields.offset(LAYOUT, "blobIndex");
    private static final long FLAGS = Fields.offset(LAYOUT, "flags");
    private static final long COMPRESSED_SIZE = Fields.offset(LAYOUT, "compressedSize");
    private static final long UNCOMPRESSED_SIZE = Fields.offset(LAYOUT, "uncompressedSize");
    private static final long COMPRESSED_OFFSET = Fields.offset(LAYOUT, "compressedOffset");
    private static final long UNCOMPRESSED_OFFSET = Fields.offset(LAYOUT, "uncompressedOffset");
    private static final long FILE_OFFSET = Fields.offset(LAYOUT, "fileOffset");
    private static final long INDEX = Fields.offset(LAYOUT, "index");
    private static final long CRC32C = Fields.offset(LAYOUT, "crc32c");

    public static ChunkRecord at(MemorySegment image, long offset) throws InvalidImage {
        return new ChunkRecord(Fields.slice(image, offset, SIZE, "chunk record"));
    }

    public Digest digest() {
        return Digest.at(bytes, 0);
    }

    public int blobIndex() {
        return bytes.get(U32, BLOB_INDEX);
    }

    public int flags() {
        return bytes.get(U32, FLAGS);
    }

    public int compressedSize() {
        return bytes.get(U32, COMPRESSED_SIZE);
    }

    public int uncompressedSize() {
        return bytes.get(U32, UNCOMPRESSED_SIZE);
    }

    public long compressedOffset() {
        return bytes.get(U64, COMPRESSED_OFFSET);
    }

    public long uncompressedOffset() {
        return bytes.get(U64, UNCOMPRESSED_OFFSET);
    }

    public long fileOffset() {
        return bytes.get(U64, FILE_OFFSET);
    }

    /** Index of the chunk in its blob. */
    public int index() {
        return bytes.get(U32, INDEX);
    }

    public int crc32c() {
        return bytes.get(U32, CRC32C);
    }

    /** Writes a record to {@code target}, which has {@link #SIZE} zero bytes. */
    public static void encode(
            MemorySegment target,
            Digest digest,
            int blobIndex,
            int flags,
            int compressedSize,
            int uncompressedSize,
            long compressedOffset,
            long uncompressedOffset,
            long fileOffset,
            int index,
            int crc32c) {
        digest.write(target, 0);
        target.set(U32, BLOB_INDEX, blobIndex);
        target.set(U32, FLAGS, flags);
        target.set(U32, COMPRESSED_SIZE, compressedSize);
        target.set(U32, UNCOMPRESSED_SIZE, uncompressedSize);
        target.set(U64, COMPRESSED_OFFSET, compressedOffset);
        target.set(U64, UNCOMPRESSED_OFFSET, uncompressedOffset);
        target.set(U64, FILE_OFFSET, fileOffset);
        target.set(U32, INDEX, index);
        target.set(U32, CRC32C, crc32c);
    }
}
