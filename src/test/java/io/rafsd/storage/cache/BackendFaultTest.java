package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rafsd.blob.ByteRange;
import io.rafsd.codec.Compression;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.FailureLog;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.RetryingBlobReader;
import io.rafsd.storage.cache.RecordingOrigin.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An origin that fails, lies or hangs never makes a reader see a wrong byte or wait for ever. */
class BackendFaultTest {

    private static final int CHUNK = 64 << 10;
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(11, 10, CHUNK, Compression.LZ4_BLOCK);
    private final RecordingOrigin origin = new RecordingOrigin(blob.stored);
    private CacheRig rig;

    @BeforeEach
    void open() {
        rig = new CacheRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void refusedRequestFailsItsReadAndTheNextReadAsksAgain() throws Exception {
        BlobCache cache = rig.open(blob, origin.next(new Fault.Refuse(BackendFailure.Kind.AUTH)))
                .cache();
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> Reading.chunk(cache, blob, 0))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(BackendFailure.Kind.AUTH));
        assertThat(Reading.chunk(cache, blob, 0)).isEqualTo(blob.plain[0]);
        rig.settle();
    }

    @Test
    void brokenStreamKeepsTheChunksThatArrived() throws Exception {
        origin.next(new Fault.BreakAfter(blob.compressedSize(0) + 10));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> Reading.start(cache, blob, 0, 1).await());
        rig.settle();
        assertThat(Reading.start(cache, blob, 0, 1).await()).endsWith(blob.plain[1]);
        assertThat(origin.ranges).last().isEqualTo(new ByteRange(blob.compressedOffset(1), blob.compressedSize(1)));
    }

    @Test
    void retriesResumeABrokenStreamWhereItStopped() throws Exception {
        origin.next(new Fault.BreakAfter(blob.compressedSize(0)));
        BlobCache cache = rig.open(blob, new RetryingBlobReader(origin, 3, new BackendStats(new FailureLog())))
                .cache();
        assertThat(Reading.start(cache, blob, 0, 1).await())
                .startsWith(blob.plain[0])
                .endsWith(blob.plain[1]);
        assertThat(origin.ranges).last().isEqualTo(new ByteRange(blob.compressedOffset(1), blob.compressedSize(1)));
    }

    @Test
    void chunkThatArrivesWrongOnceIsFetchedAgainAndRight() throws Exception {
        origin.next(new Fault.Flip(blob.compressedOffset(3) + 100));
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.start(cache, blob, 2, 3, 4).await())
                .startsWith(blob.plain[2])
                .endsWith(blob.plain[4]);
        assertThat(origin.ranges)
                .containsExactly(
                        new ByteRange(blob.compressedOffset(2), blob.compressedOffset(5) - blob.compressedOffset(2)),
                        new ByteRange(blob.compressedOffset(3), blob.compressedSize(3)));
        assertThat(rig.stats.backendCorruptions.sum()).isEqualTo(1);
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void chunkThatStaysWrongIsNeverServedNorKept(Compression compression) throws Exception {
        TestBlob wrong = TestBlob.of(12, 3, CHUNK, compression);
        RecordingOrigin liar = new RecordingOrigin(wrong.stored);
        BlobCacheLease lease = rig.open(wrong, liar.always(new Fault.Flip(wrong.compressedOffset(1) + 1000)));
        BlobCache cache = lease.cache();
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> Reading.chunk(cache, wrong, 1))
                .withMessageContaining("chunk 1");
        assertThat(rig.stats.backendCorruptions.sum()).isEqualTo(2);
        assertThat(liar.ranges).hasSize(2);
        rig.settle();
        liar.recover();
        assertThat(Reading.chunk(cache, wrong, 1)).isEqualTo(wrong.plain[1]);
    }

    /** Proves that the tests above can fail: an image without digests has no way to notice. */
    @Test
    void withoutDigestsAFlippedByteWouldBeServed() throws Exception {
        TestBlob plain = TestBlob.of(13, 3, CHUNK, Compression.NONE);
        RecordingOrigin liar = new RecordingOrigin(plain.stored).always(new Fault.Flip(plain.compressedOffset(1)));
        BlobCache cache = rig.open(plain, liar, 0, chunk -> null).cache();
        assertThat(Reading.chunk(cache, plain, 1)).isNotEqualTo(plain.plain[1]);
    }

    @Test
    void aChunkWithoutADigestInAnImageThatStatesThemIsRefused() throws Exception {
        BlobCache cache = rig.open(blob, origin, 0, chunk -> chunk == 4 ? null : blob.digests[chunk])
                .cache();
        assertThatExceptionOfType(IntegrityFailure.class).isThrownBy(() -> Reading.chunk(cache, blob, 4));
        assertThat(Reading.chunk(cache, blob, 5)).isEqualTo(blob.plain[5]);
    }

    @Test
    void aReadEndsAtItsDeadlineWhileTheOriginHangsAndTheNextOneGetsThrough() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        origin.next(new Fault.Hang(0, stuck, false));
        BlobCache cache = rig.open(blob, origin).cache();
        Reading hanging = Reading.start(cache, blob, 1, 0, 100, SHORT);
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(hanging::await)
                .withMessageContaining("time");
        assertThat(Reading.chunk(cache, blob, 1)).isEqualTo(blob.plain[1]);
        assertThat(origin.ranges).hasSize(2);
        // What the hanging request brings in the end harms nobody.
        stuck.countDown();
        rig.settle();
        assertThat(Reading.chunk(cache, blob, 1)).isEqualTo(blob.plain[1]);
    }

    @Test
    void aPatientReaderDoesNotFailWithAnImpatientOneWhoseFetchItJoined() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        origin.next(new Fault.Hang(0, stuck, false));
        BlobCache cache = rig.open(blob, origin).cache();
        Reading impatient = Reading.start(cache, blob, 1, 0, 100, SHORT);
        Awaitility.await().until(() -> origin.ranges.size() == 1);
        Reading patient = Reading.start(cache, blob, 1);
        assertThatExceptionOfType(BackendFailure.class).isThrownBy(impatient::await);
        assertThat(patient.await()).isEqualTo(blob.plain[1]);
        stuck.countDown();
    }

    @Test
    void closingAMountFailsItsReadsAtOnce() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        BlobCacheLease lease = rig.open(blob, origin.always(new Fault.Hang(0, stuck, true)));
        Reading reading = Reading.start(lease.cache(), blob, 1);
        lease.close();
        assertThatExceptionOfType(CacheFailure.class).isThrownBy(reading::await).withMessageContaining("unmounted");
        assertThatExceptionOfType(CacheFailure.class).isThrownBy(() -> Reading.chunk(lease.cache(), blob, 1));
        stuck.countDown();
        lease.close();
        rig.settle();
    }

    @Test
    void whoSharesABlobWithAMountThatGoesGetsItFromTheirOwnBackend() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        BlobCacheLease leaving = rig.open(blob, origin.always(new Fault.Hang(0, stuck, true)));
        RecordingOrigin other = new RecordingOrigin(blob.stored);
        BlobCache staying = rig.open(blob, other).cache();
        Reading gone = Reading.start(leaving.cache(), blob, 1);
        Awaitility.await().until(() -> origin.ranges.size() == 1);
        Reading stays = Reading.start(staying, blob, 1);
        assertThat(other.ranges).isEmpty();
        leaving.close();
        assertThatExceptionOfType(CacheFailure.class).isThrownBy(gone::await);
        assertThat(stays.await()).isEqualTo(blob.plain[1]);
        stuck.countDown();
    }

    @Test
    void prefetchFailsSilentlyAndBringsWhatItCan() throws Exception {
        BlobCache cache = rig.open(blob, origin.next(new Fault.Refuse(BackendFailure.Kind.RETRYABLE)))
                .cache();
        cache.prefetch(0, 3, ReadContext.onDemand(Reading.PATIENCE));
        Awaitility.await().until(() -> origin.ranges.size() == 1);
        rig.settle();
        cache.prefetch(0, 9, ReadContext.onDemand(Reading.PATIENCE));
        Awaitility.await().until(() -> rig.stats.storedBytes.sum() == 10L * CHUNK - 1);
        rig.settle();
        origin.ranges.clear();
        assertThat(Reading.start(cache, blob, 0, 9).await()).endsWith(blob.plain[9]);
        assertThat(origin.ranges).isEmpty();
    }

    @Test
    void whateverBreaksWhileAReadIsStartedFailsThatReadAlone() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        BlobCache cache = rig.open(blob, origin, 10 * CHUNK, chunk -> {
                    if (chunk == 6 && broken.get()) {
                        throw new IllegalStateException("planted");
                    }
                    return blob.digests[chunk];
                })
                .cache();
        // Chunks 5 and 6 would come along with chunk 4.
        assertThatIOException().isThrownBy(() -> Reading.chunk(cache, blob, 4)).withMessageContaining("planted");
        assertThatIOException().isThrownBy(() -> Reading.chunk(cache, blob, 6)).withMessageContaining("planted");
        broken.set(false);
        assertThat(Reading.start(cache, blob, 5, 6).await())
                .startsWith(blob.plain[5])
                .endsWith(blob.plain[6]);
        rig.settle();
    }

    @Test
    void partsThatTheBlobDoesNotHaveAreRefused() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> Reading.start(cache, blob, 10, 0, 1, SHORT).await());
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(
                        () -> Reading.start(cache, blob, 9, CHUNK - 1, 1, SHORT).await());
        assertThat(origin.ranges).isEmpty();
    }
}
