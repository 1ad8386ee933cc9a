package io.rafsd.builder;

import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Loads pieces on many threads and hands them over one by one, in their order, on the caller's thread. The caller writes
 * one piece while workers load the next ones, up to a number of buffers, so memory stays bounded and the blob's bytes do
 * not depend on who was faster.
 */
final class ChunkPipeline {

    private static final int BUFFERS_PER_THREAD = 4;
    private static final long MAX_MEMORY = 512L << 20;

    private final BuildOptions options;
    private final SourceTree tree;
    private final KnownChunks known;

    ChunkPipeline(BuildOptions options, SourceTree tree, KnownChunks known) {
        this.options = options;
        this.tree = tree;
        this.known = known;
    }

    /** Takes loaded pieces; may use the buffer until it returns. */
    @FunctionalInterface
    interface Sink {

        void accept(PieceBuffer loaded) throws IOException;
    }

    void run(Iterator<Piece> pieces, Sink sink) throws IOException {
        Deque<PieceBuffer> idle = new ArrayDeque<>();
        Deque<Future<PieceBuffer>> loading = new ArrayDeque<>();
        // Closed in reverse: the workers end before their buffers go.
        try (Arena arena = Arena.ofShared();
                ExecutorService workers = Executors.newFixedThreadPool(
                        options.threads(),
                        Thread.ofPlatform().name("rafsd-build-", 0).daemon().factory())) {
            try {
                int spare = buffers();
                while (pieces.hasNext() || !loading.isEmpty()) {
                    while (pieces.hasNext() && (spare > 0 || !idle.isEmpty())) {
                        if (idle.isEmpty()) {
                            idle.push(new PieceBuffer(arena, options));
                            spare--;
                        }
                        loading.add(submit(workers, idle.pop(), pieces.next()));
                    }
                    PieceBuffer loaded = await(loading.remove());
                    sink.accept(loaded);
                    idle.push(loaded);
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

    private Future<PieceBuffer> submit(ExecutorService workers, PieceBuffer buffer, Piece piece) {
        RawPath path = tree.path(piece.file());
        return workers.submit(() -> {
            buffer.load(path, piece, known);
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
