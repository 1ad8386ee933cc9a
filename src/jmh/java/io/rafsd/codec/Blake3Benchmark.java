package io.rafsd.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Digests of one chunk, off heap: both forms of BLAKE3, its authors' library where the machine has it, and the JDK's SHA-256, which has instructions of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class Blake3Benchmark {

    private static final int LARGEST = 1 << 20;

    @Param({"4096", "65536", "1048576"})
    public int size;

    private final Blake3Tree scalar = new Blake3Tree(new ScalarKernel());
    private final Blake3Tree lanes = new Blake3Tree(new LaneKernel(LaneRounds.define()));
    private final @Nullable Blake3Hasher library = found();
    private MemorySegment input = MemorySegment.NULL;

    private static @Nullable Blake3Hasher found() {
        FastHashers library = NativeBlake3.find();
        return library == null ? null : library.hashers().take();
    }

    @Setup
    public void fill() {
        byte[] bytes = new byte[LARGEST];
        new Random(size).nextBytes(bytes);
        MemorySegment all = Arena.ofAuto().allocate(LARGEST, 64).copyFrom(MemorySegment.ofArray(bytes));
        input = all.asSlice(0, size);
        // As in the product, the lanes come to a small input only after they were warmed with larger ones.
        for (int i = 0; i < 100; i++) {
            lanes.digest(all);
        }
    }

    @Benchmark
    public Digest scalar() {
        return scalar.digest(input);
    }

    @Benchmark
    public Digest lanes() {
        return lanes.digest(input);
    }

    @Benchmark
    public Digest library() {
        if (library == null) {
            throw new IllegalStateException("this machine has no libblake3.so.0");
        }
        return library.digest(input);
    }

    @Benchmark
    public Digest sha256() {
        return DigestAlgorithm.SHA256.digest(input);
    }
}
