package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes noise in lanes until C2 has compiled them and they beat the scalar form twice over; every digest is compared with
 * the scalar one. If they are not fast within their budget of processor time, or ever wrong, the scalar form stays. For one
 * thread.
 *
 * <p>The lanes are hidden classes, which no AOT cache holds. That is as well: profiles replayed from a cache were seen to
 * keep C2 from such loops for four times as long.
 */
final class LaneWarmUp {

    private static final Logger log = LoggerFactory.getLogger(LaneWarmUp.class);

    private static final int NOISE = 256 << 10;
    /** Small, as C2 counts calls; but it also unrolls by the number of lanes it saw, and 32 proved too few. */
    private static final int SLICE = 64 << 10;
    /** While it waits for the compiler, the warm-up leaves most of its processor to it. */
    private static final int REST_TO_WORK = 3;

    private static final int WANTED_SPEEDUP = 2;
    private static final long BUDGET_NANOS = 1_500_000_000;

    private final Blake3Tree scalar;
    private final Blake3Tree lanes;
    private final Pace pace;
    private final MemorySegment noise;
    private final Digest noiseDigest;
    private long scalarNanos = Long.MAX_VALUE;

    LaneWarmUp(Blake3Tree scalar, Blake3Tree lanes, Pace pace) {
        this.scalar = scalar;
        this.lanes = lanes;
        this.pace = pace;
        byte[] bytes = new byte[NOISE];
        new SplittableRandom(NOISE).nextBytes(bytes);
        this.noise = MemorySegment.ofArray(bytes);
        this.noiseDigest = scalar.digest(noise);
    }

    /** Warms lanes for {@link LaneSwitch}; null if scalar is to stay. */
    static @Nullable FastHashers run() {
        try {
            List<LaneRounds.Round> rounds = LaneRounds.define();
            Blake3Tree lanes = new Blake3Tree(new LaneKernel(rounds));
            LaneWarmUp warmUp = new LaneWarmUp(new Blake3Tree(new ScalarKernel()), lanes, new ThreadPace());
            if (!warmUp.succeeds()) {
                return null;
            }
            return new FastHashers(
                    new Pool<>(() -> new Blake3Tree(new LaneKernel(rounds))), LaneSwitch.LANES_FROM_BYTES);
        } catch (RuntimeException | LinkageError e) {
            log.atWarn().setCause(e).log("BLAKE3 stays scalar: its vector form cannot be made");
            return null;
        }
    }

    /** Whether the lanes are right, and fast by now. */
    boolean succeeds() {
        long start = pace.cpuNanos();
        long used = 0;
        while (used < BUDGET_NANOS) {
            long before = pace.cpuNanos();
            for (long offset = 0; offset < NOISE; offset += SLICE) {
                lanes.digest(noise.asSlice(offset, SLICE));
            }
            long middle = pace.cpuNanos();
            Digest found = lanes.digest(noise);
            long lanesNanos = pace.cpuNanos() - middle;
            if (!found.equals(noiseDigest)) {
                log.atError()
                        .addKeyValue("expected", noiseDigest)
                        .addKeyValue("found", found)
                        .log("BLAKE3 stays scalar: its vector form gives wrong digests on this machine");
                return false;
            }
            if (isFast(lanesNanos)) {
                log.atDebug()
                        .addKeyValue("scalarMicros", scalarNanos / 1000)
                        .addKeyValue("vectorMicros", lanesNanos / 1000)
                        .addKeyValue("warmUpMillis", (pace.cpuNanos() - start) / 1_000_000)
                        .log("BLAKE3 hashes chunks side by side from now on");
                return true;
            }
            used = pace.cpuNanos() - start;
            pace.rest((pace.cpuNanos() - before) * REST_TO_WORK);
        }
        log.atInfo()
                .addKeyValue("scalarMicros", scalarNanos / 1000)
                .addKeyValue("warmUpMillis", used / 1_000_000)
                .log("BLAKE3 stays scalar: its vector form did not become twice as fast in time");
        return false;
    }

    private boolean isFast(long lanesNanos) {
        long before = pace.cpuNanos();
        scalar.digest(noise);
        scalarNanos = Math.min(scalarNanos, pace.cpuNanos() - before);
        return lanesNanos <= scalarNanos / WANTED_SPEEDUP;
    }

    /** The time that a warm-up takes, and leaves to others. */
    interface Pace {

        /** Processor time that this thread has used, from some start. */
        long cpuNanos();

        /** Lets others work, the compiler above all. */
        void rest(long nanos);
    }
}
