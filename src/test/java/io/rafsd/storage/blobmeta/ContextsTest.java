package io.rafsd.storage.blobmeta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunk tables whose chunks are stored together: what they mean, and that broken ones are refused by their rule. */
class ContextsTest {

    private static final int CHUNKS = 4;
    private static final int ENTRIES = CHUNKS * ChunkEntry.SIZE_V2;
    private static final int DICTIONARIES = 100;
    private static final int SIZE = ENTRIES + 2 * (int) ZranContext.SIZE + DICTIONARIES;
    private static final int STORED = 100_000;

    private final MemorySegment table = MemorySegment.ofArray(new byte[SIZE]);

    @Test
    void chunksOfABatchShareOnePiece() throws IOException {
        batch();
        BlobMeta meta = decode(BlobFeatures.BATCH, header(2));
        assertThat(meta.unit(1)).isEqualTo(meta.unit(2)).isEqualTo(meta.unit(0));
        assertThat(meta.unit(1))
                .extracting(StoredUnit::offset, StoredUnit::storedSize, StoredUnit::size)
                .containsExactly(500L, 60, 300);
        assertThat(meta.offsetInUnit(2)).isEqualTo(200);
        assertThat(meta.unit(3).isSingle()).isTrue();
        assertThat(meta.unit(3).offset()).isEqualTo(560);
    }

    @Test
    void chunksOfAWindowShareOnePiece() throws IOException {
        zran();
        BlobMeta meta = decode(BlobFeatures.ZRAN, header(2));
        assertThat(meta.unit(0))
                .extracting(StoredUnit::offset, StoredUnit::storedSize, StoredUnit::firstChunk)
                .containsExactly(10L, 1000, 0);
        assertThat(meta.unit(3))
                .extracting(StoredUnit::offset, StoredUnit::size, StoredUnit::lastChunk)
                .containsExactly(900L, 400, 3);
    }

    @ParameterizedTest
    @CsvSource({"0, 2, do not follow its entries", "96, 1000000, do not follow", "96, -1, do not follow"})
    void contextsThatDoNotLieInTheTableAreRefused(long offset, int count, String rule) {
        zran();
        refused(BlobFeatures.ZRAN, new ChunkTableHeader(0, 0, CHUNKS, 0, SIZE, SIZE, offset, 0, count), rule);
    }

    @Test
    void windowsThatCannotBeAreRefused() {
        window(new ZranContext(10, 0, 0, 1000, 300, 50, 0, 8), "8 bits");
        window(new ZranContext(10, 0, 0, 0, 300, 50, 0, 0), "window of 0 bytes");
        window(new ZranContext(10, 0, 0, -1, 300, 50, 0, 0), "window of 4294967295");
        window(new ZranContext(10, 0, 0, 1000, 1 << 30, 50, 0, 0), "1073741824");
        window(new ZranContext(10, 0, 0, 1000, 300, 32769, 0, 0), "dictionary of 32769");
        window(new ZranContext(10, 0, 51, 1000, 300, 50, 0, 0), "dictionary of 50 bytes at 51");
        window(new ZranContext(10, 0, -1, 1000, 300, 50, 0, 0), "dictionary of 50 bytes at 18446744073709551615");
        window(new ZranContext(STORED, 0, 0, 1000, 300, 50, 0, 0), "end behind the blob's size");
        window(new ZranContext(-5, 0, 0, 1000, 300, 50, 0, 0), "end behind the blob's size");
        window(new ZranContext(10, 0, 0, 1000, 99, 50, 0, 0), "does not lie in its context");
    }

    private void window(ZranContext broken, String rule) {
        zran();
        table.asSlice(ENTRIES, ZranContext.SIZE).fill((byte) 0);
        broken.encode(table.asSlice(ENTRIES), 0);
        refused(BlobFeatures.ZRAN, header(2), rule);
    }

    @Test
    void chunksThatDoNotLieInTheirContextAreRefused() {
        batch();
        member(2, ChunkEntry.BATCH, 500, 7, 0);
        refused(BlobFeatures.BATCH, header(2), "context 7 of 2");
        batch();
        member(2, ChunkEntry.BATCH, 500, 0, 201);
        refused(BlobFeatures.BATCH, header(2), "does not lie in its context");
        batch();
        member(2, ChunkEntry.BATCH, 500, 0, -1);
        refused(BlobFeatures.BATCH, header(2), "does not lie in its context");
        batch();
        member(2, ChunkEntry.BATCH, 501, 0, 200);
        refused(BlobFeatures.BATCH, header(2), "but elsewhere");
        batch();
        member(1, ChunkEntry.BATCH, 500, 1, 0);
        refused(BlobFeatures.BATCH, header(2), "do not follow one another");
        batch();
        member(2, ChunkEntry.BATCH, STORED - 10, 1, 0);
        refused(BlobFeatures.BATCH, header(2), "end behind the blob's size");
    }

    @Test
    void aChunkInAContextOfABlobThatHasNoneIsRefused() {
        batch();
        refused(0, header(0), "has " + SIZE + " bytes");
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> BlobMeta.decode(blob(0), header(0), table.asSlice(0, ENTRIES)))
                .withMessageContaining("context 0 of 0");
    }

    @Test
    void anEncryptedChunkWithoutAKeyIsRefused() {
        batch();
        member(3, ChunkEntry.ENCRYPTED, 560, 0, 0);
        refused(BlobFeatures.BATCH, header(2), "no key");
    }

    @Test
    void anyBytesGiveATableOrARule() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 5000; i++) {
            if (i % 2 == 0) {
                batch();
            } else {
                zran();
            }
            for (int n = random.nextInt(5); n >= 0; n--) {
                table.set(ValueLayout.JAVA_BYTE, random.nextInt(SIZE), (byte) random.nextInt());
            }
            try {
                BlobMeta meta = decode(i % 2 == 0 ? BlobFeatures.BATCH : BlobFeatures.ZRAN, header(2));
                for (int chunk = 0; chunk < CHUNKS; chunk++) {
                    StoredUnit unit = meta.unit(chunk);
                    assertThat(unit.end()).as("seed %d", seed).isBetween(0L, (long) STORED);
                    assertThat(meta.offsetInUnit(chunk) + meta.uncompressedSize(chunk))
                            .as("seed %d", seed)
                            .isBetween(1, unit.size());
                }
            } catch (IOException e) {
                assertThat(e).as("seed %d", seed).isInstanceOf(InvalidImage.class);
            }
        }
    }

    private void refused(int feature, ChunkTableHeader header, String rule) {
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> decode(feature, header))
                .withMessageContaining(rule);
    }

    /** Chunks 0 to 2 in a batch, chunk 3 on its own. */
    private void batch() {
        table.fill((byte) 0);
        for (int i = 0; i < 3; i++) {
            member(i, ChunkEntry.BATCH, 500, 0, i * 100);
        }
        new ChunkEntry(3 * 4096, 100, 560, 100, 0).encodeV2(table, 3);
        new BatchContext(60, 300).encode(table.asSlice(ENTRIES), 0);
        new BatchContext(60, 300).encode(table.asSlice(ENTRIES), 1);
    }

    /** Two chunks in each of two windows. */
    private void zran() {
        table.fill((byte) 0);
        for (int i = 0; i < CHUNKS; i++) {
            member(i, ChunkEntry.ZRAN | ChunkEntry.COMPRESSED, 0, i / 2, i % 2 * 150);
        }
        new ZranContext(10, 0, 0, 1000, 300, 50, 0x55, 3).encode(table.asSlice(ENTRIES), 0);
        new ZranContext(900, 300, 50, 1000, 400, 50, 0x55, 0).encode(table.asSlice(ENTRIES), 1);
    }

    private void member(int chunk, int flags, long offset, int context, int offsetInContext) {
        int size = (flags & ChunkEntry.BATCH) != 0 || (flags & ChunkEntry.ZRAN) != 0 ? 0 : 100;
        new ChunkEntry(chunk * 4096L, 100, offset, size, flags, ChunkEntry.detail(context, offsetInContext))
                .encodeV2(table, chunk);
    }

    private static ChunkTableHeader header(int contexts) {
        return new ChunkTableHeader(0, 0, CHUNKS, 0, SIZE, SIZE, ENTRIES, 0, contexts);
    }

    private BlobMeta decode(int feature, ChunkTableHeader header) throws IOException {
        return BlobMeta.decode(blob(feature), header, table);
    }

    private static BlobInfo blob(int feature) {
        return new BlobInfo(
                new BlobId("b10b"),
                0,
                4096,
                CHUNKS,
                Compression.ZSTD,
                DigestAlgorithm.SHA256,
                BlobFeatures.ALIGNED | BlobFeatures.CHUNK_INFO_V2 | feature,
                STORED,
                CHUNKS * 4096,
                new BlobInfo.ChunkTableLocation(Compression.NONE, 0, SIZE, SIZE),
                0,
                null);
    }
}
