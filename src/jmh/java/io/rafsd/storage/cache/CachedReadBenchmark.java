package io.rafsd.storage.cache;

import io.rafsd.codec.Compression;
import io.rafsd.storage.device.ImageDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A read that finds its chunks in the cache: from the device of an image to the bytes, at a random place of a real cache
 * file of 32 MiB, which the kernel keeps in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CachedReadBenchmark {

    private static final int CHUNKS = 32;
    private static final int CHUNK_SIZE = 1 << 20;

    @Param({"4096", "131072", "1048576"})
    public int size;

    private final Random random = new Random(CHUNKS);
    private final MemorySegment destination = Arena.ofAuto().allocate(CHUNK_SIZE, 4096);
    private Path directory;
    private CacheRig rig;
    private BlobCacheLease lease;
    private ImageDevice device;

    @Setup
    public void fill() throws Exception {
        directory = Files.createTempDirectory("rafsd");
        rig = new CacheRig(directory);
        TestBlob blob = TestBlob.of(CHUNKS, CHUNKS, CHUNK_SIZE, Compression.NONE);
        lease = rig.open(blob, new RecordingOrigin(blob.stored));
        Reading.start(lease.cache(), blob, IntStream.range(0, CHUNKS).toArray()).await();
        rig.settle();
        device = new ImageDevice(List.of(lease.cache()));
    }

    @TearDown
    public void delete() throws IOException {
        lease.close();
        rig.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    public MemorySegment read() {
        int chunk = random.nextInt(CHUNKS - 1);
        int offset = size == CHUNK_SIZE ? 0 : random.nextInt((CHUNK_SIZE - size) / 4096) * 4096;
        MemorySegment wanted = destination.asSlice(0, size);
        if (!device.readIfReady(0, chunk, chunk, (long) chunk * CHUNK_SIZE, offset, wanted)) {
            throw new IllegalStateException("chunk " + chunk + " is not in the cache");
        }
        return wanted;
    }
}
