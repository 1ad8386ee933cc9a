package io.rafsd.builder;

import io.rafsd.storage.blobmeta.BatchContext;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Small chunks that wait to be compressed together (RAFS format, section 3.7). For one thread. */
final class BatchBuffer implements AutoCloseable {

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment bytes;
    private final List<BatchContext> contexts = new ArrayList<>();
    private int size;

    /** @param capacity bytes of a batch */
    BatchBuffer(int capacity) {
        this.bytes = arena.allocate(Math.max(1, capacity));
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether a chunk has to wait for the next batch. */
    boolean isFullFor(long chunk) {
        return size + chunk >= bytes.byteSize();
    }

    /** What the chunk table says of a chunk added now: the batch, and where in it. */
    long place() {
        return (long) contexts.size() << Integer.SIZE | size;
    }

    void add(MemorySegment chunk) {
        MemorySegment.copy(chunk, 0, bytes, size, chunk.byteSize());
        size += (int) chunk.byteSize();
    }

    /** The bytes of the batch. */
    MemorySegment content() {
        return bytes.asSlice(0, size);
    }

    /** Ends the batch, of which the blob holds {@code stored} bytes. */
    void end(int stored) {
        contexts.add(new BatchContext(stored, size));
        size = 0;
    }

    /** Of all batches. */
    List<BatchContext> contexts() {
        return contexts;
    }

    @Override
    public void close() {
        arena.close();
    }
}
