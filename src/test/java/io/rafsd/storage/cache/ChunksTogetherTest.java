package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.codec.Compression;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.storage.backend.ReadContext;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Chunks that are stored as one piece, as in a batch or in a window of a gzip file. */
class ChunksTogetherTest {

    private static final int CHUNK = 8 << 10;
    private static final int TOGETHER = 4;

    @TempDir
    Path directory;

    private CacheRig rig;

    @BeforeEach
    void open() {
        rig = new CacheRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void oneReadBringsAllOfThem(Compression compression) throws Exception {
        TestBlob blob = TestBlob.together(21, 12, CHUNK, compression, TOGETHER);
        RecordingOrigin origin = new RecordingOrigin(blob.stored);
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.chunk(cache, blob, 6)).isEqualTo(blob.plain[6]);
        rig.settle();
        for (int chunk = 4; chunk < 8; chunk++) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        assertThat(origin.ranges).containsExactly(unit(blob, 4));
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(TOGETHER);
        // The last chunk is shorter than the others.
        assertThat(Reading.chunk(cache, blob, 11)).isEqualTo(blob.plain[11]);
    }

    @Test
    void whatWasFetchedTogetherIsFoundOneByOneAfterARestart() throws Exception {
        TestBlob blob = TestBlob.together(22, 8, CHUNK, Compression.ZSTD, TOGETHER);
        Reading.chunk(rig.open(blob, new RecordingOrigin(blob.stored)).cache(), blob, 1);
        rig.settle();
        rig.restart();
        RecordingOrigin origin = new RecordingOrigin(blob.stored);
        BlobCache cache = rig.open(blob, origin).cache();
        for (int chunk = 0; chunk < 4; chunk++) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        assertThat(origin.ranges).isEmpty();
    }

    @Test
    void aWrongByteInOneIsNotServedAndTheOthersAre() throws Exception {
        TestBlob blob = TestBlob.together(23, 8, CHUNK, Compression.NONE, TOGETHER);
        RecordingOrigin origin =
                new RecordingOrigin(blob.stored).always(new RecordingOrigin.Fault.Flip(CHUNK * 2 + 77));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> Reading.chunk(cache, blob, 2))
                .withMessageContaining("chunk 2");
        rig.settle();
        for (int chunk : new int[] {0, 1, 3}) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        assertThat(origin.ranges).containsExactly(unit(blob, 0), unit(blob, 0));
        origin.recover();
        assertThat(Reading.chunk(cache, blob, 2)).isEqualTo(blob.plain[2]);
    }

    @Test
    void aPieceThatArrivesDamagedOnceIsFetchedAgainForAllThatWaitForIt() throws Exception {
        TestBlob blob = TestBlob.together(24, 8, CHUNK, Compression.ZSTD, TOGETHER);
        RecordingOrigin origin = new RecordingOrigin(blob.stored).next(new RecordingOrigin.Fault.Flip(40));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.start(cache, blob, 0, 1, 2, 3).await())
                .startsWith(blob.plain[0])
                .endsWith(blob.plain[3]);
        assertThat(origin.ranges).containsExactly(unit(blob, 0), unit(blob, 0));
        assertThat(rig.stats.backendCorruptions.sum()).isEqualTo(1);
        rig.settle();
    }

    @Test
    void aPieceThatDoesNotComeFailsAllWhoWaitAndGivesItsMemoryBack() throws Exception {
        TestBlob blob = TestBlob.together(25, 8, CHUNK, Compression.LZ4_BLOCK, TOGETHER);
        RecordingOrigin origin = new RecordingOrigin(blob.stored).next(new RecordingOrigin.Fault.BreakAfter(10));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> Reading.start(cache, blob, 1, 2).await());
        rig.settle();
        assertThat(Reading.start(cache, blob, 1, 2).await()).endsWith(blob.plain[2]);
        rig.settle();
    }

    @Test
    void aPrefetchBringsEachPieceOnce() throws Exception {
        TestBlob blob = TestBlob.together(26, 40, CHUNK, Compression.ZSTD, TOGETHER);
        RecordingOrigin origin = new RecordingOrigin(blob.stored);
        BlobCache cache = rig.open(blob, origin).cache();
        cache.prefetch(0, 39, ReadContext.onDemand(Reading.PATIENCE));
        Awaitility.await().until(() -> rig.stats.chunksFetched.sum() == 40);
        rig.settle();
        assertThat(origin.ranges.stream().mapToLong(ByteRange::length).sum()).isEqualTo(blob.stored.length);
        assertThat(Reading.start(cache, blob, 38, 39).await()).endsWith(blob.plain[39]);
    }

    private static ByteRange unit(TestBlob blob, int chunk) {
        return new ByteRange(blob.unit(chunk).offset(), blob.unit(chunk).storedSize());
    }
}
