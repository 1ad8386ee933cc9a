package io.rafsd.rafs.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.Dirents;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Superblock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Tables of a bootstrap that claim what is not there. */
class HostileTablesTest {

    private static final int BLOBS_AT = 1 << 16;
    private static final int ROOT_AT = 3 << 16;
    private static final int CHUNKS_AT = ROOT_AT + 8192;
    private static final int CHUNK_SIZE = 1 << 20;
    private static final int MANY = 1 << 24;
    private static final long RECORDED = 3;
    private static final long TABLE = 1000;

    private final MemorySegment image = MemorySegment.ofArray(new byte[CHUNKS_AT + 4096]);

    @Test
    void chunksThatABlobOnlyClaimsTakeNoMemory() throws IOException {
        // Four bytes for each claimed chunk would be 16 GiB.
        RafsMetadata metadata = open(255, 0);
        assertThat(metadata.blobs()).hasSize(255);
        assertThat(metadata.chunkDigests(254).of(MANY - 1)).isNull();
    }

    @Test
    void moreBlobsThanAChunkIndexCanNameAreRefused() {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> open(256, 0))
                .withMessageContaining("256 blobs");
    }

    @Test
    void aNegativeTableSizeIsRefused() {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> open(1, -ChunkRecord.SIZE))
                .withMessageContaining("chunk table size");
    }

    @Test
    void aDigestIsFoundByBlobAndChunkAndTheLastRecordOfAChunkCounts() throws IOException {
        record(0, 1, 0, 10);
        record(1, 0, MANY - 1, 11);
        record(2, 1, 0, 12);
        RafsMetadata metadata = open(2, RECORDED * ChunkRecord.SIZE);
        assertThat(metadata.chunkDigests(1).of(0)).isEqualTo(digest(12));
        assertThat(metadata.chunkDigests(0).of(MANY - 1)).isEqualTo(digest(11));
        assertThat(metadata.chunkDigests(0).of(0)).isNull();
        assertThat(metadata.chunkDigests(0).of(MANY - 2)).isNull();
        assertThat(metadata.chunkDigests(1).of(1)).isNull();
    }

    @Test
    void aRecordOfAChunkThatTheImageHasNotIsRefused() {
        record(0, 1, 0, 10);
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> open(1, ChunkRecord.SIZE))
                .withMessageContaining("chunk record 0");
    }

    private void record(int number, int blob, int chunk, int digest) {
        MemorySegment target = image.asSlice(CHUNKS_AT + number * ChunkRecord.SIZE, ChunkRecord.SIZE);
        ChunkRecord.encode(target, digest(digest), blob, 0, 1, 1, 0, 0, 0, chunk, 0);
    }

    private static Digest digest(int number) {
        return new Digest(0, 0, 0, number);
    }

    private RafsMetadata open(int blobs, long chunkTableSize) throws IOException {
        new Superblock(12, 128, 2, 0, ROOT_AT >> 12, blobs).encode(image);
        new ExtendedSuperblock(
                        SuperblockFlags.COMPRESSION_NONE | SuperblockFlags.HASH_SHA256,
                        BLOBS_AT,
                        blobs * BlobEntry.SIZE,
                        CHUNK_SIZE,
                        CHUNKS_AT,
                        chunkTableSize,
                        0,
                        0)
                .encode(image);
        for (int i = 0; i < blobs; i++) {
            String id = String.format("%064x", i);
            new DeviceSlot(id, 0, 0).encode(image, i);
            BlobEntry.encode(image.asSlice(BLOBS_AT + i * BlobEntry.SIZE, BlobEntry.SIZE), blob(i, id));
        }
        int mode = Attributes.DIRECTORY | 0755;
        Inode.encode(image, ROOT_AT + 4096, Inode.FLAT_INLINE, 0, mode, 27, 0, 1, 0, 0, 0, 0, 2);
        MemorySegment entries = image.asSlice(ROOT_AT + 4096 + Inode.EXTENDED_SIZE, 27);
        Dirents.encode(entries, 0, 128, mode, new byte[] {'.'}, 24);
        Dirents.encode(entries, 1, 128, mode, new byte[] {'.', '.'}, 25);
        return RafsMetadata.of(image);
    }

    private static BlobInfo blob(int index, String id) {
        return new BlobInfo(
                new BlobId(id),
                index,
                CHUNK_SIZE,
                MANY,
                Compression.NONE,
                DigestAlgorithm.SHA256,
                BlobFeatures.ALIGNED,
                MANY + TABLE + 4096,
                MANY * 4096L,
                new BlobInfo.ChunkTableLocation(Compression.ZSTD, MANY, TABLE, MANY * 16L),
                0,
                null);
    }
}
