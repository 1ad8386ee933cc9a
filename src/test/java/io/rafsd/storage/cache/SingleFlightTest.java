package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.codec.Compression;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.storage.backend.ReadContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which ranges reach the origin, and who gets what. */
class SingleFlightTest {

    private static final int CHUNK = 64 << 10;

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(7, 40, CHUNK, Compression.ZSTD);
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
    void sixtyFourReadersOfAColdChunkCostOneRequest() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        List<byte[]> results = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 64; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    go.await();
                    results.add(Reading.chunk(cache, blob, 5));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }));
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results).hasSize(64).allSatisfy(bytes -> assertThat(bytes).isEqualTo(blob.plain[5]));
        assertThat(origin.ranges).containsExactly(stored(5, 5));
    }

    @Test
    void secondReadIsServedFromDisk() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        Reading.chunk(cache, blob, 5);
        rig.settle();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment some = arena.allocate(100);
            assertThat(cache.readIfReady(5, 5, blob.uncompressedOffset(5), 7, some))
                    .isTrue();
            assertThat(some.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(blob.bytes(5, 7, 100));
            assertThat(cache.readIfReady(5, 6, blob.uncompressedOffset(5), 0, some))
                    .isFalse();
            // Bytes that chunk 5 does not hold are not its neighbour's.
            assertThat(cache.readIfReady(5, 5, blob.uncompressedOffset(5), CHUNK - 50, some))
                    .isFalse();
        }
        assertThat(Reading.chunk(cache, blob, 5)).isEqualTo(blob.plain[5]);
        assertThat(origin.ranges).hasSize(1);
        assertThat(rig.stats.hits.sum()).isEqualTo(2);
        assertThat(rig.stats.misses.sum()).isEqualTo(1);
        assertThat(rig.stats.storedBytes.sum()).isEqualTo(CHUNK);
        assertThat(rig.stats.fetchedBytes.sum()).isEqualTo(blob.compressedSize(5));
    }

    @Test
    void imageThatPutsAChunkElsewhereThanTheChunkTableIsRefusedColdAndWarm() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        long crafted = blob.uncompressedOffset(5) + 4096;
        for (boolean warm : new boolean[] {false, true}) {
            assertThatExceptionOfType(InvalidImage.class)
                    .as("warm %s", warm)
                    .isThrownBy(() -> Reading.start(cache, 5, crafted, 0, 100, Reading.PATIENCE)
                            .await())
                    .withMessageContaining("do not belong together");
            // It would be chunk 5's own bytes, from another place of it than the cold read would give.
            assertThat(cache.readIfReady(5, 5, crafted, 0, Arena.ofAuto().allocate(100)))
                    .as("warm %s", warm)
                    .isFalse();
            Reading.chunk(cache, blob, 5);
            rig.settle();
        }
    }

    @Test
    void oneReadOfNeighboursAsksOnce() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.start(cache, blob, 3, 4, 5).await())
                .hasSize(3 * CHUNK)
                .endsWith(blob.plain[5])
                .startsWith(blob.plain[3]);
        assertThat(origin.ranges).containsExactly(stored(3, 5));
    }

    @Test
    void absentNeighboursComeAlongAndAreThereAfterwards() throws Exception {
        BlobCache cache = rig.open(blob, origin, 3 * CHUNK).cache();
        assertThat(Reading.chunk(cache, blob, 10)).isEqualTo(blob.plain[10]);
        assertThat(Reading.start(cache, blob, 12, 13).await()).endsWith(blob.plain[13]);
        assertThat(origin.ranges).containsExactly(stored(10, 13));
    }

    @Test
    void whoReadsOnHasTheNextWindowFetchedWhichIsTwiceTheLast() throws Exception {
        BlobCache cache = rig.open(blob, origin, 3 * CHUNK).cache();
        Reading.chunk(cache, blob, 10);
        rig.settle();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment some = arena.allocate(100);
            assertThat(cache.readIfReady(11, 11, blob.uncompressedOffset(11), 0, some))
                    .isTrue();
            Awaitility.await().until(() -> rig.stats.storedBytes.sum() == 10 * CHUNK);
            rig.settle();
            // Nobody asked for them, and they are there.
            for (int chunk = 14; chunk < 20; chunk++) {
                assertThat(cache.readIfReady(chunk, chunk, blob.uncompressedOffset(chunk), 0, some))
                        .isTrue();
                assertThat(some.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(blob.bytes(chunk, 0, 100));
            }
        }
        assertThat(origin.ranges).startsWith(stored(10, 13), stored(14, 19));
    }

    @Test
    void whatIsThereIsNotFetchedAgainByItsNeighbours() throws Exception {
        BlobCache cache = rig.open(blob, origin, 10 * CHUNK).cache();
        cache.prefetch(12, 12, ReadContext.onDemand(Reading.PATIENCE));
        Awaitility.await().until(() -> rig.stats.storedBytes.sum() == CHUNK);
        rig.settle();
        Reading.chunk(cache, blob, 10);
        rig.settle();
        assertThat(origin.ranges).containsExactly(stored(12, 12), stored(10, 11));
    }

    @Test
    void theNeededChunkAnswersBeforeTheRestHasCome() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        origin.next(new RecordingOrigin.Fault.Hang(blob.compressedSize(10), never, false));
        BlobCache cache = rig.open(blob, origin, 3 * CHUNK).cache();
        assertThat(Reading.chunk(cache, blob, 10)).isEqualTo(blob.plain[10]);
        never.countDown();
    }

    @Test
    void aFailureReachesAllWhoWaitOnceAndTheNextReadSucceeds() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        origin.next(new RecordingOrigin.Fault.Hang(0, joined, true));
        BlobCache cache = rig.open(blob, origin).cache();
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            readings.add(Reading.start(cache, blob, 2));
        }
        Awaitility.await().until(() -> origin.ranges.size() == 1);
        joined.countDown();
        for (Reading reading : readings) {
            assertThatExceptionOfType(BackendFailure.class).isThrownBy(reading::await);
        }
        assertThat(origin.ranges).hasSize(1);
        assertThat(Reading.chunk(cache, blob, 2)).isEqualTo(blob.plain[2]);
    }

    @Test
    void aReaderDoesNotFailWithSomebodyElsesReadAhead() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        // The needed chunk arrives, the chunk added to it does not.
        origin.next(new RecordingOrigin.Fault.Hang(blob.compressedSize(20), joined, true));
        BlobCache cache = rig.open(blob, origin, CHUNK).cache();
        assertThat(Reading.chunk(cache, blob, 20)).isEqualTo(blob.plain[20]);
        Reading joiner = Reading.start(cache, blob, 21);
        joined.countDown();
        assertThat(joiner.await()).isEqualTo(blob.plain[21]);
    }

    @Test
    void randomReadsFromManyThreadsGiveTheRightBytesAndNoChunkIsFetchedTwice() throws Exception {
        long seed = new Random().nextLong();
        BlobCache cache = rig.open(blob, origin, 4 * CHUNK).cache();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < 8; t++) {
            Random random = new Random(seed + t);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        int chunk = random.nextInt(blob.chunkCount());
                        int offset = random.nextInt(blob.uncompressedSize(chunk));
                        int length = 1 + random.nextInt(blob.uncompressedSize(chunk) - offset);
                        assertThat(Reading.start(cache, blob, chunk, offset, length, Reading.PATIENCE)
                                        .await())
                                .as("seed %d, chunk %d", seed, chunk)
                                .isEqualTo(blob.bytes(chunk, offset, length));
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        rig.settle();
        assertThat(origin.ranges.stream().mapToLong(ByteRange::length).sum())
                .as("seed %d, ranges %s", seed, origin.ranges)
                .isEqualTo(blob.stored.length);
    }

    private ByteRange stored(int first, int last) {
        long start = blob.compressedOffset(first);
        return new ByteRange(start, blob.compressedOffset(last) + blob.compressedSize(last) - start);
    }
}
