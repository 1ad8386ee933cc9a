package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LaneSwitchTest {

    private static final int KIB = 1024;

    private final MemorySegment input = MemorySegment.ofArray(new byte[64 * KIB]);
    private final Digest digest = new Blake3Tree(new ScalarKernel()).digest(input);
    private final AtomicInteger inLanes = new AtomicInteger();
    private final CountDownLatch warmedUp = new CountDownLatch(1);

    @Test
    void littleHashingNeverWarmsUp() {
        LaneSwitch ways = new LaneSwitch(1024 * KIB, () -> {
            throw new AssertionError("warmed up");
        });
        for (int i = 0; i < 15; i++) {
            assertThat(ways.digest(input)).isEqualTo(digest);
        }
        MemorySegment small = input.asSlice(0, 8 * KIB);
        for (int i = 0; i < 1000; i++) {
            ways.digest(small);
        }
        assertThat(ways.isOn()).isFalse();
    }

    @Test
    void enoughHashingWarmsUpOnceOnABackgroundThreadAndSwitches() throws InterruptedException {
        AtomicInteger warmUps = new AtomicInteger();
        LaneSwitch ways = new LaneSwitch(1024 * KIB, () -> {
            warmUps.incrementAndGet();
            assertThat(Thread.currentThread().isDaemon()).isTrue();
            return countingLanes();
        });
        for (int i = 0; i < 16; i++) {
            assertThat(ways.digest(input)).isEqualTo(digest);
        }
        awaitOn(ways);
        assertThat(inLanes).hasValue(0);
        assertThat(ways.digest(input)).isEqualTo(digest);
        assertThat(inLanes).hasPositiveValue();
        assertThat(warmUps).hasValue(1);
    }

    @Test
    void smallInputsStayScalarAfterTheSwitch() throws InterruptedException {
        LaneSwitch ways = new LaneSwitch(1, this::countingLanes);
        ways.digest(input);
        awaitOn(ways);
        ways.digest(input.asSlice(0, 8 * KIB));
        assertThat(inLanes).hasValue(0);
    }

    @Test
    void failedWarmUpLeavesScalarForGood() throws InterruptedException {
        AtomicInteger warmUps = new AtomicInteger();
        LaneSwitch ways = new LaneSwitch(1, () -> {
            warmUps.incrementAndGet();
            warmedUp.countDown();
            return null;
        });
        ways.digest(input);
        assertThat(warmedUp.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(ways.digest(input)).isEqualTo(digest);
        }
        assertThat(ways.isOn()).isFalse();
        assertThat(warmUps).hasValue(1);
    }

    private static void awaitOn(LaneSwitch ways) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!ways.isOn()) {
            assertThat(System.nanoTime()).as("the switch is still off").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private @Nullable FastHashers countingLanes() {
        Pool<Blake3Hasher> hashers = new Pool<>(() -> new Blake3Tree(new Blake3Kernel() {
            private final ScalarKernel kernel = new ScalarKernel();

            @Override
            public void chunks(MemorySegment data, int first, int count, int[] values) {
                inLanes.incrementAndGet();
                kernel.chunks(data, first, count, values);
            }

            @Override
            public void parents(int[] values, int pairs) {
                kernel.parents(values, pairs);
            }
        }));
        return new FastHashers(hashers, LaneSwitch.LANES_FROM_BYTES);
    }
}
