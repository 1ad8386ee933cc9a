package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses between the scalar form, which is fast at once, and a faster one: a native library, or the lanes, which are several times as fast once C2 has
 * compiled them and many times slower before. Warming them takes a second or two of a processor, so it begins only after
 * enough has been hashed: an idle sidecar, a short command, a small image never pay for it. Safe for many threads; none
 * waits for another.
 */
final class LaneSwitch {

    /** What the scalar form hashes in some two tenths of a second. Who hashes as much mostly hashes much more. */
    static final long START_AFTER_BYTES = 64L << 20;

    /** Smaller inputs stay scalar: too few chunks to fill the lanes of the chunks and of the parents above them. */
    static final long LANES_FROM_BYTES = 16L << 10;

    private final Pool<Blake3Hasher> scalar = new Pool<>(() -> new Blake3Tree(new ScalarKernel()));
    private final Supplier<@Nullable FastHashers> warmUp;
    private final AtomicLong bytesLeft;
    private volatile @Nullable FastHashers fast;

    /**
     * @param startAfterBytes hashed in inputs that lanes would suit
     * @param warmUp runs once, on a thread of its own; gives null if scalar is to stay
     */
    LaneSwitch(long startAfterBytes, Supplier<@Nullable FastHashers> warmUp) {
        this.bytesLeft = new AtomicLong(startAfterBytes);
        this.warmUp = warmUp;
    }

    Digest digest(MemorySegment data) {
        FastHashers warm = fast;
        if (warm != null) {
            return digest(data, data.byteSize() < warm.fromBytes() ? scalar : warm.hashers());
        }
        if (data.byteSize() >= LANES_FROM_BYTES) {
            count(data.byteSize());
        }
        return digest(data, scalar);
    }

    /** Begins to warm at once if so much is coming that it pays. */
    void expect(long bytes) {
        if (bytes >= START_AFTER_BYTES) {
            count(bytes);
        }
    }

    boolean isOn() {
        return fast != null;
    }

    private static Digest digest(MemorySegment data, Pool<Blake3Hasher> hashers) {
        Blake3Hasher hasher = hashers.take();
        try {
            return hasher.digest(data);
        } finally {
            hashers.give(hasher);
        }
    }

    private void count(long bytes) {
        if (bytesLeft.get() <= 0) {
            return;
        }
        long left = bytesLeft.addAndGet(-bytes);
        if (left <= 0 && left + bytes > 0) {
            Thread.ofPlatform().daemon().name("blake3-warm-up").start(() -> fast = warmUp.get());
        }
    }
}
