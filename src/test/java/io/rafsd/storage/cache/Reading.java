package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** A read of a cache whose end can be waited for. */
final class Reading implements BlobCache.Completion {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final MemorySegment destination;
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();

    private Reading(int length) {
        destination = Arena.ofAuto().allocate(Math.max(1, length)).asSlice(0, length);
    }

    /** Starts to read a part of one chunk. */
    static Reading start(BlobCache cache, ChunkTable table, int chunk, int offset, int length, Duration patience) {
        long start = chunk < table.chunkCount() ? table.uncompressedOffset(chunk) : 0;
        return start(cache, chunk, start, offset, length, patience);
    }

    /** As before, of a chunk that the image says is at {@code start}. */
    static Reading start(BlobCache cache, int chunk, long start, int offset, int length, Duration patience) {
        Reading reading = new Reading(length);
        cache.read(
                List.of(new BlobCache.ChunkSlice(chunk, start, offset, reading.destination)),
                ReadContext.onDemand(patience),
                reading);
        return reading;
    }

    /** Starts to read whole chunks in one go. */
    static Reading start(BlobCache cache, TestBlob blob, int... chunks) {
        Reading reading =
                new Reading(IntStream.of(chunks).map(blob::uncompressedSize).sum());
        long[] at = {0};
        cache.read(
                IntStream.of(chunks)
                        .mapToObj(chunk -> {
                            int size = blob.uncompressedSize(chunk);
                            at[0] += size;
                            return new BlobCache.ChunkSlice(
                                    chunk,
                                    blob.uncompressedOffset(chunk),
                                    0,
                                    reading.destination.asSlice(at[0] - size, size));
                        })
                        .toList(),
                ReadContext.onDemand(PATIENCE),
                reading);
        return reading;
    }

    /** The whole chunk, or the failure. */
    static byte[] chunk(BlobCache cache, TestBlob blob, int chunk) throws IOException {
        return start(cache, blob, chunk, 0, blob.uncompressedSize(chunk), PATIENCE)
                .await();
    }

    byte[] await() throws IOException {
        try {
            end.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
            return destination.toArray(ValueLayout.JAVA_BYTE);
        } catch (ExecutionException e) {
            throw (IOException) e.getCause();
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("a read never ended", e);
        }
    }

    boolean hasEnded() {
        return end.isDone();
    }

    @Override
    public void done() {
        if (!end.complete(true)) {
            throw new AssertionError("a read ended twice");
        }
    }

    @Override
    public void failed(IOException failure) {
        if (!end.completeExceptionally(failure)) {
            throw new AssertionError("a read ended twice", failure);
        }
    }
}
