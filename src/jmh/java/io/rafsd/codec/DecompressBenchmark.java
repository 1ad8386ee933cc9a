package io.rafsd.codec;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** One chunk of 1 MiB that shrinks to about half: words drawn from a small vocabulary, with noise between them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DecompressBenchmark {

    private static final int SIZE = 1 << 20;
    private static final int WORD = 24;
    private static final int VOCABULARY = 512;

    @Param
    public Compression compression = Compression.NONE;

    private final MemorySegment plain = Arena.ofAuto().allocate(SIZE, 64);
    private final MemorySegment target = Arena.ofAuto().allocate(SIZE, 64);
    private MemorySegment stored = MemorySegment.NULL;

    @Setup
    public void compress() {
        Random random = new Random(SIZE);
        byte[] words = new byte[VOCABULARY * WORD];
        random.nextBytes(words);
        for (int at = 0; at + WORD <= SIZE; at += WORD) {
            int word = random.nextInt(VOCABULARY) * WORD;
            MemorySegment.copy(words, word, plain, ValueLayout.JAVA_BYTE, at, WORD);
            for (int i = 0; i < WORD / 3; i++) {
                plain.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt());
            }
        }
        MemorySegment room = Arena.ofAuto().allocate(compression.compressBound(SIZE), 64);
        stored = room.asSlice(0, compression.compress(plain, room));
    }

    @Benchmark
    public MemorySegment decompress() throws IntegrityFailure {
        compression.decompress(stored, target);
        return target;
    }
}
