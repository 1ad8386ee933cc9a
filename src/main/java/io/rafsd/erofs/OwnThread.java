package io.rafsd.erofs;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Does what may wait for a filesystem of ours on a platform thread made for it: a virtual thread would take along the carrier
 * that the answer may need.
 */
final class OwnThread {

    private OwnThread() {}

    /** Something to do. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    /** Waits for the end. */
    static void run(String name, Task task) throws IOException {
        await(start(name, task), Duration.ofDays(1));
    }

    /** @throws PosixError ETIMEDOUT if it has not ended by then; it goes on */
    static void run(String name, Task task, Duration patience) throws IOException {
        await(start(name, task), patience);
    }

    private static CompletableFuture<Void> start(String name, Task task) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().name(name).daemon(true).start(() -> {
            try {
                task.run();
                end.complete(null);
            } catch (IOException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private static void await(CompletableFuture<Void> end, Duration patience) throws IOException {
        try {
            end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new PosixError(Errno.ETIMEDOUT, "no answer within " + patience.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while mounting or unmounting");
        }
    }
}
