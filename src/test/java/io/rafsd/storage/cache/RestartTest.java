package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileFacts;
import io.rafsd.storage.cache.RecordingOrigin.Fault;
import io.rafsd.storage.chunkmap.ChunkMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found again after the process or the machine died, and what of it is believed. */
class RestartTest {

    private static final int CHUNK = 64 << 10;
    private static final int CHUNKS = 8;

    @TempDir
    Path directory;

    private final TestBlob blob = TestBlob.of(21, CHUNKS, CHUNK, Compression.ZSTD);
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
    void afterAnOrderlyStopNothingIsFetchedAgain() throws Exception {
        fill();
        rig.restart();
        rig.boot = UUID.randomUUID();
        rig.die();
        readAll();
        assertThat(origin.ranges).isEmpty();
        assertThat(rig.stats.hits.sum()).isEqualTo(CHUNKS);
        assertThat(rig.stats.misses.sum()).isZero();
        // Believed by our own record, not hashed.
        assertThat(rig.stats.chunksVerified.sum()).isZero();
    }

    @Test
    void afterKillNothingIsFetchedAgain() throws Exception {
        fill();
        rig.die();
        readAll();
        assertThat(origin.ranges).isEmpty();
        assertThat(rig.stats.chunksVerified.sum()).isZero();
    }

    @Test
    void afterACrashOfTheMachineEveryChunkIsHashedAndLostOnesFetched() throws Exception {
        fill();
        rig.boot = UUID.randomUUID();
        rig.die();
        overwrite(blob.uncompressedOffset(2), new byte[CHUNK]);
        readAll();
        assertThat(origin.ranges).hasSize(1);
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(CHUNKS);
        assertThat(rig.stats.cacheCorruptions.sum()).isEqualTo(1);
    }

    @Test
    void aByteFlippedInTheCacheFileIsNeverServed() throws Exception {
        fill();
        rig.die();
        overwrite(blob.uncompressedOffset(3) + 77, new byte[] {(byte) ~blob.plain[3][77]});
        readAll();
        assertThat(origin.ranges).hasSize(1);
        assertThat(rig.stats.cacheCorruptions.sum()).isEqualTo(1);
        origin.ranges.clear();
        rig.settle();
        rig.die();
        readAll();
        assertThat(origin.ranges).isEmpty();
    }

    /** Proves that the test above can fail: once believed, a chunk is not looked at again in the same process. */
    @Test
    void aByteFlippedAfterItsFirstUseIsNotNoticed() throws Exception {
        fill();
        overwrite(blob.uncompressedOffset(3) + 77, new byte[] {(byte) ~blob.plain[3][77]});
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.chunk(cache, blob, 3)).isNotEqualTo(blob.plain[3]);
    }

    @Test
    void whatAnotherDaemonWroteIsHashedBeforeItsFirstUseAndThenRecorded() throws Exception {
        fill();
        rig.restart();
        Files.delete(rig.files(blob).sidecar());
        overwrite(blob.uncompressedOffset(5), new byte[] {1, 2, 3});
        readAll();
        assertThat(origin.ranges).hasSize(1);
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(CHUNKS);
        origin.ranges.clear();
        rig.restart();
        readAll();
        assertThat(origin.ranges).isEmpty();
        assertThat(rig.stats.chunksVerified.sum()).isZero();
    }

    @Test
    void aChunkWithoutDigestIsBelievedOnlyWithOurRecord() throws Exception {
        fill();
        rig.restart();
        Files.delete(rig.files(blob).sidecar());
        BlobCacheLease lease = rig.open(blob, origin, 0, chunk -> null);
        assertThat(Reading.chunk(lease.cache(), blob, 0)).isEqualTo(blob.plain[0]);
        assertThat(origin.ranges).hasSize(1);
        rig.settle();
        rig.restart();
        lease = rig.open(blob, origin, 0, chunk -> null);
        assertThat(Reading.chunk(lease.cache(), blob, 0)).isEqualTo(blob.plain[0]);
        assertThat(origin.ranges).hasSize(1);
    }

    @Test
    void bitsAheadOfTheDataAreNoticed() throws Exception {
        fill();
        rig.restart();
        Files.delete(rig.files(blob).sidecar());
        try (Fd data = Fd.open(rig.files(blob).data(), Fd.O_RDWR, 0)) {
            data.truncate(2 * CHUNK);
        }
        readAll();
        assertThat(rig.stats.cacheCorruptions.sum()).isEqualTo(CHUNKS - 2);
    }

    @Test
    void bitsWithoutADataFileAreForgotten() throws Exception {
        fill();
        rig.restart();
        Files.delete(rig.files(blob).data());
        readAll();
        assertThat(rig.stats.cacheCorruptions.sum()).isZero();
        assertThat(rig.stats.chunksFetched.sum()).isEqualTo(CHUNKS);
    }

    @Test
    void aDataFileThatIsTooLargeIsMadeAfresh() throws Exception {
        fill();
        rig.restart();
        overwrite(blob.info.uncompressedSize(), new byte[] {1});
        readAll();
        assertThat(rig.stats.chunksFetched.sum()).isEqualTo(CHUNKS);
        assertThat(Files.size(rig.files(blob).data())).isEqualTo(blob.info.uncompressedSize());
    }

    @Test
    void aTornSidecarIsNotBelieved() throws Exception {
        for (int damage : new int[] {0, 8, 12, 16, 32, 40, 48, 64, 80, 84}) {
            fill();
            rig.restart();
            try (Fd sidecar = Fd.open(rig.files(blob).sidecar(), Fd.O_RDWR, 0);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocate(1);
                sidecar.preadFully(one, damage);
                one.set(ValueLayout.JAVA_BYTE, 0, (byte) (one.get(ValueLayout.JAVA_BYTE, 0) ^ 4));
                sidecar.pwriteFully(one, damage);
            }
            readAll();
            assertThat(rig.stats.chunksVerified.sum()).as("byte %d", damage).isEqualTo(CHUNKS);
            rig.restart();
        }
    }

    @Test
    void aSidecarOfAnotherFileIsNotBelieved() throws Exception {
        fill();
        rig.restart();
        Path data = rig.files(blob).data();
        Path copy = Files.copy(data, directory.resolve("copy"));
        Files.delete(data);
        Files.move(copy, data);
        readAll();
        assertThat(rig.stats.chunksVerified.sum()).isEqualTo(CHUNKS);
        assertThat(origin.ranges).isEmpty();
    }

    @Test
    void killedBetweenAnyTwoStepsOfAStoreNothingWrongIsServed() throws Exception {
        for (int steps = 0; steps <= 3; steps++) {
            CacheFiles files = new CacheFiles(
                    directory,
                    TestBlob.of(100 + steps, 2, CHUNK, Compression.NONE).info.id());
            TestBlob small = TestBlob.of(100 + steps, 2, CHUNK, Compression.NONE);
            BlobCacheLease lease = rig.open(small, origin);
            try (Arena arena = Arena.ofConfined();
                    Fd data = Fd.open(files.data(), Fd.O_RDWR, 0);
                    Sidecar sidecar = Sidecar.open(files.sidecar(), 2, FileFacts.of(data), rig.boot)) {
                MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, small.plain[0]);
                // Step 0 is a write that was cut off in the middle.
                data.pwriteFully(steps == 0 ? bytes.asSlice(0, CHUNK / 2) : bytes, 0);
                if (steps >= 2) {
                    sidecar.record(0, Checksums.crc32c(bytes), small.digests[0]);
                }
                if (steps >= 3) {
                    try (ChunkMap map = rig.maps.open(files.chunkMap(), 2)) {
                        map.markReady(0);
                    }
                }
            }
            lease.close();
            rig.die();
            RecordingOrigin fresh = new RecordingOrigin(small.stored);
            BlobCacheLease again = rig.open(small, fresh);
            assertThat(Reading.chunk(again.cache(), small, 0)).isEqualTo(small.plain[0]);
            assertThat(fresh.ranges).as("after step %d", steps).hasSize(steps == 3 ? 0 : 1);
            rig.settle();
        }
    }

    @Test
    void killedWhileMuchIsOnItsWayNothingWrongIsServed() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        origin.next(new Fault.Hang(blob.compressedOffset(4), stuck, true));
        BlobCache cache = rig.open(blob, origin).cache();
        Reading reading = Reading.start(cache, blob, 0, 1, 2, 3, 4, 5, 6, 7);
        Awaitility.await().until(() -> rig.stats.storedBytes.sum() == 4L * CHUNK);
        rig.die();
        origin.ranges.clear();
        readAll();
        assertThat(rig.stats.chunksFetched.sum()).isEqualTo(4);
        stuck.countDown();
        Awaitility.await().until(reading::hasEnded);
    }

    @Test
    void twoManagersOnOneDirectoryServeTheRightBytes() throws Exception {
        try (CacheRig other = new CacheRig(directory)) {
            BlobCache one = rig.open(blob, origin).cache();
            BlobCache two = other.open(blob, origin).cache();
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                BlobCache first = chunk % 2 == 0 ? one : two;
                assertThat(Reading.chunk(first, blob, chunk)).isEqualTo(blob.plain[chunk]);
            }
            rig.settle();
            other.settle();
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                assertThat(Reading.chunk(one, blob, chunk)).isEqualTo(blob.plain[chunk]);
                assertThat(Reading.chunk(two, blob, chunk)).isEqualTo(blob.plain[chunk]);
            }
            // Each found what the other had brought.
            assertThat(origin.ranges).hasSize(CHUNKS);
        }
    }

    @Test
    void aChunkThatAnotherProcessEvictedIsFetchedAgain() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        assertThat(Reading.chunk(cache, blob, 1)).isEqualTo(blob.plain[1]);
        rig.settle();
        try (ChunkMap others = rig.maps.open(rig.files(blob).chunkMap(), CHUNKS)) {
            others.clear(1);
        }
        overwrite(blob.uncompressedOffset(1), new byte[CHUNK]);
        assertThat(Reading.chunk(cache, blob, 1)).isEqualTo(blob.plain[1]);
        assertThat(origin.ranges).hasSize(2);
    }

    @Test
    void anImageThatStatesOtherDigestsNeverSeesNorSpoilsTheOthersChunks() throws Exception {
        fill();
        TestBlob evil = TestBlob.of(21, CHUNKS, CHUNK, Compression.ZSTD);
        byte[] planted = evil.plain[0].clone();
        Arrays.fill(planted, (byte) 0x66);
        RecordingOrigin evilOrigin = new RecordingOrigin(blob.stored);
        BlobCache other = rig.open(
                        blob,
                        evilOrigin,
                        0,
                        chunk -> DigestAlgorithm.SHA256.digest(
                                MemorySegment.ofArray(chunk == 0 ? planted : evil.plain[chunk])))
                .cache();
        assertThat(Reading.chunk(other, blob, 1)).isEqualTo(blob.plain[1]);
        assertThat(evilOrigin.ranges).hasSize(1);
        readAll();
        assertThat(origin.ranges).isEmpty();
    }

    /** Brings all chunks to disk; the origin forgets what it was asked. */
    private void fill() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        rig.settle();
        origin.ranges.clear();
    }

    private void readAll() throws Exception {
        BlobCache cache = rig.open(blob, origin).cache();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            assertThat(Reading.chunk(cache, blob, chunk)).isEqualTo(blob.plain[chunk]);
        }
        rig.settle();
    }

    private void overwrite(long offset, byte[] bytes) throws Exception {
        try (Fd data = Fd.open(rig.files(blob).data(), Fd.O_RDWR, 0);
                Arena arena = Arena.ofConfined()) {
            data.pwriteFully(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), offset);
        }
    }
}
