package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class LaneWarmUpTest {

    private final StepClock clock = new StepClock();

    @Test
    void fastAndRightLanesAreTaken() {
        int[] hashed = {0};
        // Slow at first, as uncompiled code is, then three times as fast as scalar.
        LongSupplier cost = () -> ++hashed[0] < 100 ? 30_000 : 1_000;
        assertThat(warmUp(new TimedKernel(cost, 0)).succeeds()).isTrue();
        assertThat(hashed[0]).isBetween(100, 110);
    }

    @Test
    void wrongLanesAreRefusedHoweverFast() {
        assertThat(warmUp(new TimedKernel(() -> 1, 1)).succeeds()).isFalse();
    }

    @Test
    void lanesThatStaySlowAreGivenUpWhenTheBudgetIsSpent() {
        assertThat(warmUp(new TimedKernel(() -> 2_900, 0)).succeeds()).isFalse();
        assertThat(clock.now).isBetween(1_500_000_000L, 1_600_000_000L);
        assertThat(clock.rested).as("three times the work").isBetween(4_200_000_000L, 4_800_000_000L);
    }

    private LaneWarmUp warmUp(Blake3Kernel lanes) {
        return new LaneWarmUp(new Blake3Tree(new TimedKernel(() -> 3_000, 0)), new Blake3Tree(lanes), clock);
    }

    /** A clock that only work moves. */
    private static final class StepClock implements LaneWarmUp.Pace {

        private long now;
        private long rested;

        @Override
        public long cpuNanos() {
            return now;
        }

        @Override
        public void rest(long nanos) {
            rested += nanos;
        }
    }

    /** Hashes as scalar does, takes a stated time per KiB, and may add a fault to the first word of each last chunk. */
    private final class TimedKernel implements Blake3Kernel {

        private final ScalarKernel kernel = new ScalarKernel();
        private final LongSupplier nanosPerKib;
        private final int fault;

        TimedKernel(LongSupplier nanosPerKib, int fault) {
            this.nanosPerKib = nanosPerKib;
            this.fault = fault;
        }

        @Override
        public void chunks(MemorySegment data, int first, int count, int[] values) {
            clock.now += count * nanosPerKib.getAsLong();
            kernel.chunks(data, first, count, values);
            values[(first + count - 1) * Blake3Block.CHAINING_WORDS] ^= fault;
        }

        @Override
        public void parents(int[] values, int pairs) {
            kernel.parents(values, pairs);
        }
    }
}
