package io.rafsd.blob;

import io.rafsd.codec.AesXts;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import org.jspecify.annotations.Nullable;

/**
 * What an image states about one of its blobs.
 *
 * @param id its name at the backend and in the cache
 * @param index its position in the image's blob table
 * @param chunkSize bytes of every chunk but a file's last
 * @param chunkCount chunks in the blob
 * @param compressor of its chunks
 * @param digester of its chunks
 * @param features {@code BlobFeatures} bits
 * @param compressedSize bytes of the blob as stored
 * @param uncompressedSize bytes of its uncompressed address space, a multiple of 4096
 * @param chunkTable where the chunk table lies; {@link ChunkTableLocation#IN_BOOTSTRAP} if not with a blob
 * @param tocSize bytes of the table of contents at its end with its 512-byte header, 0 if it has none
 * @param tocDigest SHA-256 of that table with its header, null if it has none
 * @param cipher of its chunks and its chunk table, null if they are not encrypted
 */
public record BlobInfo(
        BlobId id,
        int index,
        int chunkSize,
        int chunkCount,
        Compression compressor,
        DigestAlgorithm digester,
        int features,
        long compressedSize,
        long uncompressedSize,
        ChunkTableLocation chunkTable,
        int tocSize,
        @Nullable Digest tocDigest,
        @Nullable AesXts cipher) {

    /** Of a blob that is not encrypted. */
    public BlobInfo(
            BlobId id,
            int index,
            int chunkSize,
            int chunkCount,
            Compression compressor,
            DigestAlgorithm digester,
            int features,
            long compressedSize,
            long uncompressedSize,
            ChunkTableLocation chunkTable,
            int tocSize,
            @Nullable Digest tocDigest) {
        this(
                id,
                index,
                chunkSize,
                chunkCount,
                compressor,
                digester,
                features,
                compressedSize,
                uncompressedSize,
                chunkTable,
                tocSize,
                tocDigest,
                null);
    }

    /**
     * Where a blob's chunk table lies; the 4096-byte header follows it directly.
     *
     * @param compressor of the table itself
     * @param offset in the blob that holds it, bytes
     * @param compressedSize bytes as stored
     * @param uncompressedSize bytes after decompression
     * @param blob that holds nothing but the table, where the data is of another builder (zran); null: the blob itself
     */
    public record ChunkTableLocation(
            Compression compressor,
            long offset,
            long compressedSize,
            long uncompressedSize,
            @Nullable BlobId blob) {

        /** RAFS v5 lists its chunks in the bootstrap instead. */
        public static final ChunkTableLocation IN_BOOTSTRAP = new ChunkTableLocation(Compression.NONE, 0, 0, 0);

        /** At the end of the blob itself. */
        public ChunkTableLocation(Compression compressor, long offset, long compressedSize, long uncompressedSize) {
            this(compressor, offset, compressedSize, uncompressedSize, null);
        }
    }

    /** The blob that holds the chunk table. */
    public BlobId tableBlob() {
        BlobId separate = chunkTable.blob();
        return separate == null ? id : separate;
    }

    /** The same blob at another position of a blob table. */
    public BlobInfo at(int position) {
        return with(id, position, compressedSize);
    }

    /** The same blob under another name. */
    public BlobInfo named(BlobId name) {
        return with(name, index, compressedSize);
    }

    /** The same blob with more stored bytes than was known when it was described. */
    public BlobInfo sized(long bytes) {
        return with(id, index, bytes);
    }

    private BlobInfo with(BlobId name, int position, long stored) {
        return new BlobInfo(
                name,
                position,
                chunkSize,
                chunkCount,
                compressor,
                digester,
                features,
                stored,
                uncompressedSize,
                chunkTable,
                tocSize,
                tocDigest,
                cipher);
    }

    public boolean has(int feature) {
        return (features & feature) != 0;
    }
}
