package io.rafsd.storage.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every reader of a blob promises. */
public abstract class BlobReaderContract {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A reader of a blob that holds these bytes. */
    protected abstract BlobReader readerOf(byte[] blob) throws Exception;

    @Test
    void theSizeIsThatOfTheBlob() throws Exception {
        assertThat(readerOf(random(12_345, 1)).size(ReadContext.onDemand(PATIENCE)))
                .isEqualTo(12_345);
    }

    @Test
    void anyRangeGivesItsBytes() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] blob = random(100_000, seed);
        BlobReader reader = readerOf(blob);
        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(blob.length);
            int to = from + 1 + random.nextInt(blob.length - from);
            assertThat(Arrays.equals(read(reader, from, to - from), Arrays.copyOfRange(blob, from, to)))
                    .as("seed %d, %d to %d", seed, from, to)
                    .isTrue();
        }
    }

    @Test
    void aStreamGivesItsRangeInPiecesOfAnySize() throws Exception {
        byte[] blob = random(50_000, 3);
        BlobReader reader = readerOf(blob);
        try (Arena arena = Arena.ofShared();
                BlobStream stream = reader.open(new ByteRange(100, 40_000), ReadContext.onDemand(PATIENCE))) {
            MemorySegment whole = arena.allocate(40_000);
            int done = 0;
            for (int size = 1; done < 40_000; size = size * 3 + 1) {
                int piece = Math.min(size, 40_000 - done);
                stream.readFully(whole.asSlice(done, piece));
                done += piece;
            }
            assertThat(Arrays.equals(whole.toArray(ValueLayout.JAVA_BYTE), Arrays.copyOfRange(blob, 100, 40_100)))
                    .isTrue();
        }
    }

    @Test
    void aStreamMayBeClosedEarly() throws Exception {
        byte[] blob = random(50_000, 4);
        BlobReader reader = readerOf(blob);
        try (Arena arena = Arena.ofShared();
                BlobStream stream = reader.open(new ByteRange(0, 50_000), ReadContext.onDemand(PATIENCE))) {
            stream.readFully(arena.allocate(10));
        }
        assertThat(read(reader, 0, 10)).isEqualTo(Arrays.copyOf(blob, 10));
    }

    @Test
    void whatLiesBehindTheEndIsAFailure() throws Exception {
        BlobReader reader = readerOf(random(1000, 5));
        assertThatExceptionOfType(BackendFailure.class).isThrownBy(() -> read(reader, 990, 20));
        assertThatExceptionOfType(BackendFailure.class).isThrownBy(() -> read(reader, 5000, 1));
    }

    @Test
    void manyThreadsMayReadAtOnce() throws Exception {
        byte[] blob = random(64_000, 6);
        BlobReader reader = readerOf(blob);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                int from = i * 2000;
                results.add(threads.submit(() -> read(reader, from, 2000)));
            }
            for (int i = 0; i < 32; i++) {
                assertThat(results.get(i).get()).isEqualTo(Arrays.copyOfRange(blob, i * 2000, (i + 1) * 2000));
            }
        }
    }

    private static byte[] read(BlobReader reader, long offset, int length) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment destination = arena.allocate(length);
            reader.readFully(offset, destination, ReadContext.onDemand(PATIENCE));
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
