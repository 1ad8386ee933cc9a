package io.rafsd.storage.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.BackendFailure.Kind;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.FailureLog;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryingBlobReaderTest {

    private final BackendStats stats = new BackendStats(new FailureLog());
    private final FlakyBlobReader origin = new FlakyBlobReader();
    private final BlobReader blob = new RetryingBlobReader(new CountingBlobReader(origin, stats), 3, stats);
    private final ReadContext context = ReadContext.onDemand(Duration.ofSeconds(30));

    @Test
    void whatMaySucceedLaterIsAskedAgain() throws Exception {
        origin.refuse(Kind.RETRYABLE).refuse(Kind.RETRYABLE);
        assertThat(read(0, 4)).containsExactly(0, 1, 2, 3);
        assertThat(origin.ranges).hasSize(3);
        assertThat(stats.retries.sum()).isEqualTo(2);
        assertThat(stats.errors.sum()).isEqualTo(2);
        assertThat(stats.requests.count()).isEqualTo(1);
        assertThat(stats.bytes.sum()).isEqualTo(4);
        assertThat(stats.inFlight.sum()).isZero();
    }

    @Test
    void theLimitOfRetriesHolds() {
        origin.refuse(Kind.RETRYABLE)
                .refuse(Kind.RETRYABLE)
                .refuse(Kind.RETRYABLE)
                .refuse(Kind.RETRYABLE);
        assertThatExceptionOfType(BackendFailure.class).isThrownBy(() -> read(0, 4));
        assertThat(origin.ranges).hasSize(4);
    }

    @Test
    void whatCannotSucceedIsNotAskedAgain() {
        for (Kind kind : List.of(Kind.AUTH, Kind.NOT_FOUND, Kind.FATAL)) {
            origin.refuse(kind);
            assertThatExceptionOfType(BackendFailure.class).isThrownBy(() -> read(0, 4));
        }
        assertThat(origin.ranges).hasSize(3);
        assertThat(stats.retries.sum()).isZero();
    }

    @Test
    void noRetryBeginsAfterTheDeadline() {
        origin.refuse(Kind.RETRYABLE);
        ReadContext late = ReadContext.onDemand(Duration.ofMillis(1));
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> blob.open(new ByteRange(0, 1), late).close());
        assertThat(origin.ranges).hasSize(1);
    }

    @Test
    void aBrokenStreamGoesOnFromWhereItStopped() throws Exception {
        origin.breakAfter(5);
        try (Arena arena = Arena.ofConfined();
                BlobStream stream = blob.open(new ByteRange(10, 12), context)) {
            MemorySegment four = arena.allocate(4);
            stream.readFully(four);
            assertThat(four.toArray(ValueLayout.JAVA_BYTE)).containsExactly(10, 11, 12, 13);
            stream.readFully(four);
            assertThat(four.toArray(ValueLayout.JAVA_BYTE)).containsExactly(14, 15, 16, 17);
            stream.readFully(four);
            assertThat(four.toArray(ValueLayout.JAVA_BYTE)).containsExactly(18, 19, 20, 21);
        }
        assertThat(origin.ranges).containsExactly(new ByteRange(10, 12), new ByteRange(14, 8));
        assertThat(stats.inFlight.sum()).isZero();
    }

    @Test
    void anInterruptIsKeptForWhoCares() throws Exception {
        origin.refuse(Kind.RETRYABLE);
        Thread.currentThread().interrupt();
        assertThat(read(0, 1)).containsExactly(0);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aStreamThatIsClosedEarlyIsNoError() throws Exception {
        blob.open(new ByteRange(0, 4), context).close();
        assertThat(stats.errors.sum()).isZero();
        assertThat(stats.inFlight.sum()).isZero();
    }

    private byte[] read(long offset, int length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment destination = arena.allocate(length);
            blob.readFully(offset, destination, context);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Byte n of its blob is n. Fails as it is told, once for each time. */
    private static final class FlakyBlobReader implements BlobReader {

        private final List<ByteRange> ranges = new ArrayList<>();
        private final Deque<Kind> refusals = new ArrayDeque<>();
        private long bytesUntilBreak = Long.MAX_VALUE;

        FlakyBlobReader refuse(Kind kind) {
            refusals.add(kind);
            return this;
        }

        void breakAfter(long bytes) {
            bytesUntilBreak = bytes;
        }

        @Override
        public long size(ReadContext context) {
            return 100;
        }

        @Override
        public BlobStream open(ByteRange range, ReadContext context) throws IOException {
            ranges.add(range);
            if (!refusals.isEmpty()) {
                throw new BackendFailure(refusals.remove(), "refused");
            }
            return new BlobStream() {

                private long position = range.offset();

                @Override
                public void readFully(MemorySegment destination) throws IOException {
                    for (long i = 0; i < destination.byteSize(); i++) {
                        if (bytesUntilBreak-- == 0) {
                            bytesUntilBreak = Long.MAX_VALUE;
                            throw new BackendFailure(Kind.RETRYABLE, "reset");
                        }
                        destination.set(ValueLayout.JAVA_BYTE, i, (byte) position++);
                    }
                }

                @Override
                public void close() {}
            };
        }
    }
}
