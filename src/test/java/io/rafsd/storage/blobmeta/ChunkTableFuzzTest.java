package io.rafsd.storage.blobmeta;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Whatever a chunk table holds: its chunks lie in their blob, one behind the other, or it is refused. */
class ChunkTableFuzzTest {

    private static final int CHUNK_SIZE = 1 << 20;
    private static final long BLOB_SIZE = 1L << 30;
    private static final int LARGEST_PIECE = 1 << 16;
    private static final int[] KINDS = {
        BlobFeatures.ALIGNED,
        BlobFeatures.ALIGNED | BlobFeatures.CHUNK_INFO_V2,
        BlobFeatures.ALIGNED | BlobFeatures.CHUNK_INFO_V2 | BlobFeatures.ZRAN,
        BlobFeatures.ALIGNED | BlobFeatures.CHUNK_INFO_V2 | BlobFeatures.BATCH
    };

    /** @param bytes the kind of the table, its chunks, its contexts, then the table */
    @FuzzTest
    void anyTableHasItsChunksInPlaceOrIsRefused(byte[] bytes) {
        if (bytes.length < 3) {
            return;
        }
        int features = KINDS[(bytes[0] & 0xFF) % KINDS.length];
        int chunks = bytes[1] & 0xFF;
        int contexts = bytes[2] & 0xFF;
        MemorySegment table = MemorySegment.ofArray(bytes).asSlice(3);
        BlobInfo blob = blob(chunks, features);
        try {
            check(BlobMeta.decode(blob, header(blob, table, contexts), table));
        } catch (InvalidImage | Unsupported e) {
            assertThat(e).hasMessageContaining(blob.id().value());
        }
    }

    /**
     * Every piece that holds several chunks is decoded, of whatever the blob holds there.
     *
     * @param bytes the kind of the table, its chunks, its contexts, the size of the table in two bytes, the table, the blob
     */
    @FuzzTest
    void anyPieceThatATableNamesIsDecodedOrIsRefused(byte[] bytes) {
        if (bytes.length < 5) {
            return;
        }
        BlobInfo blob = blob(bytes[1] & 0xF, KINDS[2 + (bytes[0] & 1)]);
        int size = Math.min((bytes[3] & 0xFF) << 8 | bytes[4] & 0xFF, bytes.length - 5);
        MemorySegment table = MemorySegment.ofArray(bytes).asSlice(5, size);
        MemorySegment stored = MemorySegment.ofArray(bytes).asSlice(5 + size);
        try {
            decode(BlobMeta.decode(blob, header(blob, table, bytes[2] & 0xF), table), stored);
        } catch (InvalidImage | Unsupported | IntegrityFailure e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static void decode(BlobMeta table, MemorySegment blob) throws IntegrityFailure {
        for (int i = 0; i < table.chunkCount(); i++) {
            StoredUnit unit = table.unit(i);
            if (unit.end() <= blob.byteSize() && unit.size() <= LARGEST_PIECE) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment stored = arena.allocate(unit.storedSize());
                    stored.copyFrom(blob.asSlice(unit.offset(), unit.storedSize()));
                    unit.encoding().decode(stored, arena.allocate(unit.size()));
                }
            }
        }
    }

    @FuzzTest
    void anyHeaderAgreesWithTheBootstrapOrIsRefused(byte[] bytes) {
        BlobInfo blob = blob(bytes.length, BlobFeatures.ALIGNED);
        try {
            ChunkTableHeader header = ChunkTableHeader.decode(MemorySegment.ofArray(bytes));
            header.requireAgreement(blob);
            assertThat(header.offset()).isEqualTo(blob.chunkTable().offset());
        } catch (InvalidImage e) {
            assertThat(e).hasMessageContaining("header");
        }
    }

    private static ChunkTableHeader header(BlobInfo blob, MemorySegment table, int contexts) {
        long entries = (long) blob.chunkCount() * ChunkEntry.SIZE_V2;
        return new ChunkTableHeader(
                blob.features(),
                0,
                blob.chunkCount(),
                0,
                table.byteSize(),
                table.byteSize(),
                entries,
                table.byteSize() - entries,
                contexts);
    }

    private static void check(BlobMeta table) {
        long end = 0;
        for (int i = 0; i < table.chunkCount(); i++) {
            assertThat(table.uncompressedOffset(i)).isGreaterThanOrEqualTo(end);
            assertThat(table.uncompressedSize(i)).isBetween(1, CHUNK_SIZE);
            end = table.uncompressedOffset(i) + table.uncompressedSize(i);
            StoredUnit unit = table.unit(i);
            assertThat(unit.offset()).isNotNegative();
            assertThat(unit.storedSize()).isPositive();
            assertThat(unit.end()).isLessThanOrEqualTo(BLOB_SIZE);
            assertThat(i).isBetween(unit.firstChunk(), unit.lastChunk());
            assertThat(table.offsetInUnit(i)).isBetween(0, unit.size() - table.uncompressedSize(i));
        }
        assertThat(end).isLessThanOrEqualTo(BLOB_SIZE);
    }

    private static BlobInfo blob(int chunks, int features) {
        return new BlobInfo(
                new BlobId("b10b"),
                0,
                CHUNK_SIZE,
                chunks,
                Compression.ZSTD,
                DigestAlgorithm.SHA256,
                features,
                BLOB_SIZE,
                BLOB_SIZE,
                new BlobInfo.ChunkTableLocation(Compression.NONE, 0, chunks * 16L, chunks * 16L),
                0,
                null);
    }
}
