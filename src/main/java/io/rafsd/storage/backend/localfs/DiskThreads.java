package io.rafsd.storage.backend.localfs;

import io.rafsd.error.BackendFailure;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** Runs file reads for callers on virtual threads, who park meanwhile. Safe for many threads. */
final class DiskThreads implements AutoCloseable {

    private static final int THREADS = 4;

    private final ExecutorService executor = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("localfs-", 0).factory());

    /** Waits for the end of {@code work}, whatever the deadline: it writes to memory that the caller would free. */
    <T> T call(DiskWork<T> work) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    result.complete(work.run());
                } catch (IOException | RuntimeException e) {
                    result.completeExceptionally(e);
                }
            });
            return result.join();
        } catch (RejectedExecutionException e) {
            throw new BackendFailure(BackendFailure.Kind.FATAL, "the backend is closed, its image was unmounted", e);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        executor.close();
    }

    @FunctionalInterface
    interface DiskWork<T> {

        T run() throws IOException;
    }
}
