package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.codec.Compression;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.IntegrityFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small chunks that come off the wire, are decoded and written side by side. */
class SmallNeighboursTest {

    private static final int CHUNKS = 60;
    /** Leaves a gap before the next multiple of 4 KiB. */
    private static final int CHUNK = 6000;

    private static final int[] ALL = IntStream.range(0, CHUNKS).toArray();

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
    void eachIsWhereTheCacheFileHasItAndZerosAreBetween(Compression compression) throws Exception {
        TestBlob blob = TestBlob.of(31, CHUNKS, CHUNK, compression);
        RecordingOrigin origin = new RecordingOrigin(blob.stored);
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.start(cache, blob, ALL).await()).startsWith(blob.plain[0]);
        rig.settle();
        assertThat(origin.ranges).containsExactly(new ByteRange(0, blob.stored.length));
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(CHUNKS);
        byte[] expected = new byte[(int) blob.uncompressedOffset(CHUNKS - 1) + blob.uncompressedSize(CHUNKS - 1)];
        for (int chunk : ALL) {
            System.arraycopy(
                    blob.plain[chunk], 0, expected, (int) blob.uncompressedOffset(chunk), blob.plain[chunk].length);
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        assertThat(Files.readAllBytes(rig.files(blob).data())).startsWith(expected);
    }

    @Test
    void afterAKillAllAreFoundByTheirRecords() throws Exception {
        TestBlob blob = TestBlob.of(32, CHUNKS, CHUNK, Compression.ZSTD);
        Reading.start(rig.open(blob, new RecordingOrigin(blob.stored)).cache(), blob, ALL)
                .await();
        rig.settle();
        rig.die();
        RecordingOrigin origin = new RecordingOrigin(blob.stored);
        BlobCache cache = rig.open(blob, origin).cache();
        for (int chunk : ALL) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        assertThat(origin.ranges).isEmpty();
        assertThat(rig.stats.chunksVerified.sum()).as("chunks hashed anew").isZero();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aWrongByteInOneIsNeitherServedNorKeptAndTheOthersAre(Compression compression) throws Exception {
        TestBlob blob = TestBlob.of(33, CHUNKS, CHUNK, compression);
        RecordingOrigin origin = new RecordingOrigin(blob.stored)
                .always(new RecordingOrigin.Fault.Flip(blob.compressedOffset(9) + blob.compressedSize(9) - 100));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> Reading.start(cache, blob, ALL).await())
                .withMessageContaining("chunk 9");
        rig.settle();
        assertThat(origin.ranges)
                .containsExactly(
                        new ByteRange(0, blob.stored.length),
                        new ByteRange(blob.compressedOffset(9), blob.compressedSize(9)));
        for (int chunk : ALL) {
            if (chunk != 9) {
                assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
            }
        }
        assertThat(origin.ranges).hasSize(2);
        assertThatExceptionOfType(IntegrityFailure.class).isThrownBy(() -> Reading.chunk(cache, blob, 9));
        origin.recover();
        assertThat(Reading.chunk(cache, blob, 9)).isEqualTo(blob.plain[9]);
    }

    @Test
    void oneThatArrivesDamagedOnceIsFetchedAgainAlone() throws Exception {
        TestBlob blob = TestBlob.of(34, CHUNKS, CHUNK, Compression.ZSTD);
        RecordingOrigin origin =
                new RecordingOrigin(blob.stored).next(new RecordingOrigin.Fault.Flip(blob.compressedOffset(20) + 50));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.start(cache, blob, ALL).await()).endsWith(blob.plain[CHUNKS - 1]);
        assertThat(origin.ranges).last().isEqualTo(new ByteRange(blob.compressedOffset(20), blob.compressedSize(20)));
        assertThat(rig.stats.backendCorruptions.sum()).isEqualTo(1);
        rig.settle();
    }

    @Test
    void aStreamThatBreaksAmongThemFailsTheReadAndGivesItsMemoryBack() throws Exception {
        TestBlob blob = TestBlob.of(35, CHUNKS, CHUNK, Compression.LZ4_BLOCK);
        RecordingOrigin origin = new RecordingOrigin(blob.stored)
                .next(new RecordingOrigin.Fault.BreakAfter(blob.compressedOffset(30) + 10));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> Reading.start(cache, blob, ALL).await());
        rig.settle();
        assertThat(Reading.start(cache, blob, ALL).await()).endsWith(blob.plain[CHUNKS - 1]);
        rig.settle();
    }
}
