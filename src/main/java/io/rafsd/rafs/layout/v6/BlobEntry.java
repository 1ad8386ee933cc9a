package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.PaddedText;
import io.rafsd.codec.AesXts;
import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * One blob of the image: 256 bytes in the blob table. A view, valid as long as the bootstrap is.
 *
 * @param bytes of the entry
 */
public record BlobEntry(MemorySegment bytes) {

    private static final MemoryLayout LAYOUT = structLayout(
            paddingLayout(64).withName("id"),
            U32.withName("index"),
            U32.withName("chunkSize"),
            U32.withName("chunkCount"),
            U32.withName("compressor"),
            U32.withName("digester"),
            U32.withName("features"),
            U64.withName("compressedSize"),
            U64.withName("uncompressedSize"),
            U32.withName("tocSize"),
            U32.withName("tableCompressor"),
            U64.withName("tableOffset"),
            U64.withName("tableCompressedSize"),
            U64.withName("tableUncompressedSize"),
            paddingLayout(32).withName("tocDigest"),
            paddingLayout(32).withName("metaDigestOrKey"),
            paddingLayout(16).withName("metaSizeOrTweak"),
            U32.withName("cipher"),
            paddingLayout(36));
    public static final long SIZE = LAYOUT.byteSize();
    private static final int ID_SIZE = 64;
    /** In {@link #cipher}: not encrypted. */
    public static final int NO_CIPHER = 0;

    public static final int AES_128_XTS = 1;

    private static final long INDEX = Fields.offset(LAYOUT, "index");
    private static final long CHUNK_SIZE = Fields.offset(LAYOUT, "chunkSize");
    private static final long CHUNK_COUNT = Fields.offset(LAYOUT, "chunkCount");
    private static final long COMPRESSOR = Fields.offset(LAYOUT, "compressor");
    private static final long DIGESTER = Fields.offset(LAYOUT, "digester");
    private static final long FEATURES = Fields.offset(LAYOUT, "features");
    private static final long COMPRESSED_SIZE = Fields.offset(LAYOUT, "compressedSize");
    private static final long UNCOMPRESSED_SIZE = Fields.offset(LAYOUT, "uncompressedSize");
    private static final long TOC_SIZE = Fields.offset(LAYOUT, "tocSize");
    private static final long TABLE_COMPRESSOR = Fields.offset(LAYOUT, "tableCompressor");
    private static final long TABLE_OFFSET = Fields.offset(LAYOUT, "tableOffset");
    private static final long TABLE_COMPRESSED_SIZE = Fields.offset(LAYOUT, "tableCompressedSize");
    private static final long TABLE_UNCOMPRESSED_SIZE = Fields.offset(LAYOUT, "tableUncompressedSize");
    private static final long TOC_DIGEST = Fields.offset(LAYOUT, "tocDigest");
    private static final long META_DIGEST_OR_KEY = Fields.offset(LAYOUT, "metaDigestOrKey");
    private static final long META_SIZE_OR_TWEAK = Fields.offset(LAYOUT, "metaSizeOrTweak");
    private static final long CIPHER = Fields.offset(LAYOUT, "cipher");

    public static BlobEntry at(MemorySegment image, long offset) throws InvalidImage {
        return new BlobEntry(Fields.slice(image, offset, SIZE, "blob table entry"));
    }

    /** The id as it is stored; 64 times {@code x} for a blob that holds its own bootstrap. */
    public String id() {
        return PaddedText.of(bytes.asSlice(0, ID_SIZE));
    }

    public int index() {
        return bytes.get(U32, INDEX);
    }

    public long chunkSize() {
        return Fields.unsigned(bytes.get(U32, CHUNK_SIZE));
    }

    public long chunkCount() {
        return Fields.unsigned(bytes.get(U32, CHUNK_COUNT));
    }

    public int compressor() {
        return bytes.get(U32, COMPRESSOR);
    }

    public int digester() {
        return bytes.get(U32, DIGESTER);
    }

    /** Bits of {@link BlobFeatures}. */
    public int features() {
        return bytes.get(U32, FEATURES);
    }

    public long compressedSize() {
        return bytes.get(U64, COMPRESSED_SIZE);
    }

    public long uncompressedSize() {
        return bytes.get(U64, UNCOMPRESSED_SIZE);
    }

    public long tocSize() {
        return Fields.unsigned(bytes.get(U32, TOC_SIZE));
    }

    public Digest tocDigest() {
        return Digest.at(bytes, TOC_DIGEST);
    }

    public int tableCompressor() {
        return bytes.get(U32, TABLE_COMPRESSOR);
    }

    public long tableOffset() {
        return bytes.get(U64, TABLE_OFFSET);
    }

    public long tableCompressedSize() {
        return bytes.get(U64, TABLE_COMPRESSED_SIZE);
    }

    public long tableUncompressedSize() {
        return bytes.get(U64, TABLE_UNCOMPRESSED_SIZE);
    }

    /** Id of the blob that holds the chunk table alone (zran), as the digest it is; not of encrypted blobs. */
    public Digest metaDigest() {
        return Digest.at(bytes, META_DIGEST_OR_KEY);
    }

    /** Bytes of that blob, 0 if the image does not say. */
    public long metaSize() {
        return bytes.get(U64, META_SIZE_OR_TWEAK);
    }

    /** Whether another blob holds the chunk table. */
    public boolean isSeparate() {
        return (features() & BlobFeatures.SEPARATE) != 0;
    }

    /** Key and tweak, which take the place of the table's blob. */
    public AesXts aesXts() {
        return new AesXts(
                bytes.asSlice(META_DIGEST_OR_KEY, AesXts.KEY_SIZE).toArray(U8),
                bytes.asSlice(META_SIZE_OR_TWEAK, AesXts.TWEAK_SIZE).toArray(U8));
    }

    public int cipher() {
        return bytes.get(U32, CIPHER);
    }

    /** Writes an entry to {@code target}, which has {@link #SIZE} zero bytes. */
    public static void encode(MemorySegment target, BlobInfo blob) {
        byte[] id = blob.id().value().getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(id, 0, target, U8, 0, id.length);
        target.set(U32, INDEX, blob.index());
        target.set(U32, CHUNK_SIZE, blob.chunkSize());
        target.set(U32, CHUNK_COUNT, blob.chunkCount());
        target.set(U32, COMPRESSOR, blob.compressor().number());
        target.set(U32, DIGESTER, blob.digester().number());
        target.set(U32, FEATURES, blob.features());
        target.set(U64, COMPRESSED_SIZE, blob.compressedSize());
        target.set(U64, UNCOMPRESSED_SIZE, blob.uncompressedSize());
        target.set(U32, TOC_SIZE, blob.tocSize());
        target.set(U32, TABLE_COMPRESSOR, blob.chunkTable().compressor().number());
        target.set(U64, TABLE_OFFSET, blob.chunkTable().offset());
        target.set(U64, TABLE_COMPRESSED_SIZE, blob.chunkTable().compressedSize());
        target.set(U64, TABLE_UNCOMPRESSED_SIZE, blob.chunkTable().uncompressedSize());
        Digest toc = blob.tocDigest();
        if (toc != null) {
            toc.write(target, TOC_DIGEST);
        }
        BlobId separate = blob.chunkTable().blob();
        if (separate != null) {
            Digest.parse(separate.value()).write(target, META_DIGEST_OR_KEY);
            target.set(U64, META_SIZE_OR_TWEAK, blob.chunkTable().blobSize());
        }
        AesXts cipher = blob.cipher();
        if (cipher != null) {
            target.set(U32, CIPHER, AES_128_XTS);
            MemorySegment.copy(cipher.key(), 0, target, U8, META_DIGEST_OR_KEY, AesXts.KEY_SIZE);
            MemorySegment.copy(cipher.tweak(), 0, target, U8, META_SIZE_OR_TWEAK, AesXts.TWEAK_SIZE);
        }
    }
}
