package io.rafsd.builder;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Loads pieces on many threads and hands them over one by one, in their order, on the caller's thread. The caller writes
 * one piece while workers load the next ones, up to a number of buffers, so memory stays bounded and the blob's bytes do
 * not depend on who was faster.
 */
final class ChunkPipeline {

    private static final int BUFFERS_PER_THREAD = 4;
    private static final long MAX_MEMORY = 192L << 20;

    private final BuildOptions options;
    private final @Nullable FileReader reader;
    private final KnownChunks known;

    /** @param reader of files that pieces leave unread; null if there are none */
    ChunkPipeline(BuildOptions options, @Nullable FileReader reader, KnownChunks known) {
        this.options = options;
        this.reader = reader;
        this.known = known;
    }

    /** Takes loaded pieces; may use the buffer until it returns. */
    @FunctionalInterface
    interface Sink {

        void accept(PieceBuffer loaded) throws IOException;
    }

    void run(PieceSource source, Sink sink) throws IOException {
        Deque<PieceBuffer> idle = new ArrayDeque<>();
        Deque<Future<PieceBuffer>> loading = new ArrayDeque<>();
        // Closed in reverse: the workers end before their buffers go.
        try (Arena arena = Arena.ofShared();
                ExecutorService workers = Executors.newFixedThreadPool(
                        options.threads(),
                        Thread.ofPlatform().name("rafsd-build-", 0).daemon().factory())) {
            try {
                int spare = buffers();
                boolean more = true;
                while (more || !loading.isEmpty()) {
                    while (more && (spare > 0 || !idle.isEmpty())) {
                        if (idle.isEmpty()) {
                            idle.push(new PieceBuffer(arena, options));
                            spare--;
                        }
                        PieceBuffer buffer = idle.pop();
                        buffer.clear();
                        more = source.next(buffer);
                        if (more) {
                            loading.add(submit(workers, buffer));
                        }
                    }
                    if (!loading.isEmpty()) {
                        PieceBuffer loaded = await(loading.remove());
                        sink.accept(loaded);
                        idle.push(loaded);
                    }
                }
            } finally {
                loading.forEach(task -> task.cancel(false));
            }
        }
    }

    private int buffers() {
        long affordable = MAX_MEMORY / PieceBuffer.memory(options);
        return (int) Math.max(2, Math.min((long) options.threads() * BUFFERS_PER_THREAD, affordable));
    }

    private Future<PieceBuffer> submit(ExecutorService workers, PieceBuffer buffer) {
        return workers.submit(() -> {
            buffer.load(reader, known);
            return buffer;
        });
    }

    private static PieceBuffer await(Future<PieceBuffer> task) throws IOException {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("the build was interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
