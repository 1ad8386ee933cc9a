package io.rafsd.storage.chunkmap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Asking and marking one chunk, in the file that other processes share and in memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChunkMapBenchmark {

    private static final int CHUNKS = 1 << 16;

    private Path file;
    private FileChunkMap inFile;
    private final MemoryChunkMap inMemory = new MemoryChunkMap(CHUNKS);

    @Setup(Level.Iteration)
    public void open() throws IOException {
        file = Files.createTempFile("rafsd", ".chunk_map");
        inFile = FileChunkMap.open(file, CHUNKS);
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            inMemory.clear(chunk);
        }
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        inFile.close();
        Files.delete(file);
    }

    @Benchmark
    @OperationsPerInvocation(CHUNKS)
    public int askFile() {
        return inFile.readyCount();
    }

    @Benchmark
    @OperationsPerInvocation(CHUNKS)
    public int askMemory() {
        int ready = 0;
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            ready += inMemory.isReady(chunk) ? 1 : 0;
        }
        return ready;
    }

    /** A whole map from empty to full; opening it is a small part. */
    @Benchmark
    @OperationsPerInvocation(CHUNKS)
    public int askAndMarkFile() throws IOException {
        close();
        open();
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            if (!inFile.isReady(chunk)) {
                inFile.markReady(chunk);
            }
        }
        return inFile.chunkCount();
    }
}
