package io.rafsd.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.stats.FileRecords.Wish;
import io.rafsd.stats.FileSystemStats.Operation;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatsTest {

    private static final long MILLI = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1023, 0",
        "1024, 1",
        "4095, 1",
        "4096, 2",
        "16383, 2",
        "16384, 3",
        "65535, 3",
        "65536, 4",
        "131071, 4",
        "131072, 5",
        "524287, 5",
        "524288, 6",
        "1048575, 6",
        "1048576, 7",
        "1099511627776, 7"
    })
    void sizesHaveTheClassesThatNydusdReportsBy(long bytes, int sizeClass) {
        assertThat(Sizes.classOf(bytes)).isEqualTo(sizeClass);
    }

    @Test
    void latenciesAreTheSameInWiderBucketsAndTheLongestAreNotLost() {
        Latency latency = new Latency();
        for (long nanos : new long[] {1, MILLI, MILLI + 1, 20 * MILLI, 1500 * MILLI, 2001 * MILLI, 90_000 * MILLI}) {
            latency.record(nanos);
        }
        assertThat(latency.distribution(MILLI, 20 * MILLI, 1000 * MILLI, 2000 * MILLI))
                .containsExactly(2, 2, 0, 1, 2);
    }

    @Test
    void whatAMountCountsIsCountedForTheDaemonAsWell() {
        FileSystemStats all = new FileSystemStats();
        FileSystemStats one = all.ofMount(null);
        FileSystemStats other = all.ofMount(null);
        one.read(1, 5000, MILLI);
        other.read(1, 0, MILLI);
        other.failed(Operation.READ, 1);
        other.answered(Operation.LOOKUP, 1, MILLI);
        assertThat(one.readBytes.sum()).isEqualTo(5000);
        assertThat(one.readsOfSize(2)).isEqualTo(1);
        assertThat(one.latency(Operation.LOOKUP).count()).isZero();
        assertThat(other.readsOfSize(0)).isEqualTo(1);
        assertThat(all.readBytes.sum()).isEqualTo(5000);
        assertThat(all.latency(Operation.READ).count()).isEqualTo(2);
        assertThat(all.latency(Operation.LOOKUP).count()).isEqualTo(1);
        assertThat(all.errors(Operation.READ).sum()).isEqualTo(1);
    }

    @Test
    void filesAreKnownByTheNumbersOfTheirImageAndTheLatestAreToldOnce() {
        FileRecords records = new FileRecords(EnumSet.allOf(Wish.class));
        FileSystemStats mount = new FileSystemStats().ofMount(records);
        long index = 7L << 56;
        for (long ino : new long[] {5, 3, 4, 9, 5}) {
            mount.read(index | ino, 6, MILLI);
        }
        mount.answered(Operation.GETATTR, index | 5, MILLI);
        FileRecords.Counts five = Objects.requireNonNull(records.counts().get(5L));
        assertThat(five.readBytes()).isEqualTo(12);
        assertThat(five.hits(Operation.READ).sum()).isEqualTo(2);
        assertThat(five.hits(Operation.GETATTR).sum()).isEqualTo(1);
        assertThat(records.patterns()).containsOnlyKeys(3L, 4L, 5L, 9L);
        assertThat(Objects.requireNonNull(records.patterns().get(5L)).reads()).isEqualTo(2);
        assertThat(records.takeLatest()).containsExactly(new long[] {3, 5}, new long[] {9});
        assertThat(records.takeLatest()).isEmpty();
    }

    @Test
    void nothingIsRecordedOfFilesThatWasNotWishedFor() {
        FileRecords records = new FileRecords(Set.of(Wish.PATTERN));
        records.read(3, 10);
        assertThat(records.counts()).isEmpty();
        assertThat(records.takeLatest()).isEmpty();
        assertThat(records.patterns()).containsOnlyKeys(3L);
    }

    @Test
    void oldFailuresMakeRoomForNewOnesAndAHugeOneIsDropped() {
        FailureLog log = new FailureLog();
        for (int i = 0; i < FailureLog.MAX_ENTRIES + 10; i++) {
            log.add("failure " + i);
        }
        assertThat(log.entries()).hasSize(FailureLog.MAX_ENTRIES);
        assertThat(log.entries().getLast()).endsWith("GMT - failure " + (FailureLog.MAX_ENTRIES + 9));
        log.add("x".repeat(FailureLog.MAX_BYTES));
        assertThat(log.entries().getLast()).endsWith("failure " + (FailureLog.MAX_ENTRIES + 9));
        log.add("y".repeat(FailureLog.MAX_BYTES - 100));
        assertThat(log.bytes()).isLessThanOrEqualTo(FailureLog.MAX_BYTES);
        assertThat(log.entries().size()).isLessThan(5);
    }
}
