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
     * @param blobSize bytes of that blob; 0 if it is not known
     */
    public record ChunkTableLocation(
            Compression compressor,
            long offset,
            long compressedSize,
            long uncompressedSize,
            @Nullable BlobId blob,
            long blobSize) {

        /** RAFS v5 lists its chunks in the bootstrap instead. */
        public static final ChunkTableLocation IN_BOOTSTRAP = new ChunkTableLocation(Compression.NONE, 0, 0, 0);

        /** At the end of the blob itself. */
        public ChunkTableLocation(Compression compressor, long offset, long compressedSize, long uncompressedSize) {
            this(compressor, offset, compressedSize, uncompressedSize, null, 0);
        }

        /** The same in a blob of its own. */
        public ChunkTableLocation in(BlobId separate, long size) {
            return new ChunkTableLocation(compressor, offset, compressedSize, uncompressedSize, separate, size);
        }
    }

    /** The blob that holds the chunk table. */
    public BlobId tableBlob() {
        BlobId separate = chunkTable.blob();
        return separate == null ? id : separate;
    }

    /** The same blob at another position of a blob table. */
    public BlobInfo at(int position) {
        return with(id, position, features, compressedSize, chunkTable, tocSize, tocDigest);
    }

    /** The same blob under another name. */
    public BlobInfo named(BlobId name) {
        return with(name, index, features, compressedSize, chunkTable, tocSize, tocDigest);
    }

    /** The same blob with more stored bytes than was known when it was described. */
    public BlobInfo sized(long bytes) {
        return with(id, index, features, bytes, chunkTable, tocSize, tocDigest);
    }

    /** The same blob as an image states it whose bootstrap does not lie in the blob. */
    public BlobInfo withoutBootstrap() {
        return with(
                id, index, features & ~BlobFeatures.INLINED_FS_META, compressedSize, chunkTable, tocSize, tocDigest);
    }

    /** The same blob with its chunk table elsewhere. */
    public BlobInfo withChunkTable(ChunkTableLocation place) {
        return with(id, index, features, compressedSize, place, tocSize, tocDigest);
    }

    /** The same blob with a table of contents that was not known when it was described. */
    public BlobInfo withToc(int size, @Nullable Digest digest) {
        return with(id, index, features, compressedSize, chunkTable, size, digest);
    }

    private BlobInfo with(
            BlobId name,
            int position,
            int bits,
            long stored,
            ChunkTableLocation table,
            int sizeOfToc,
            @Nullable Digest digestOfToc) {
        return new BlobInfo(
                name,
                position,
                chunkSize,
                chunkCount,
                compressor,
                digester,
                bits,
                stored,
                uncompressedSize,
                table,
                sizeOfToc,
                digestOfToc,
                cipher);
    }

    public boolean has(int feature) {
        return (features & feature) != 0;
    }
}
