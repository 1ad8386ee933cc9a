package io.rafsd.storage.device;

import io.rafsd.storage.cache.BlobCache;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends one read when all its parts have ended. It waits for the others also after a failure: they still write to the
 * reader's memory.
 */
final class JointCompletion implements BlobCache.Completion {

    private final BlobCache.Completion whole;
    private final AtomicInteger left;
    private final AtomicReference<@Nullable IOException> firstFailure = new AtomicReference<>();

    JointCompletion(int parts, BlobCache.Completion whole) {
        this.left = new AtomicInteger(parts);
        this.whole = whole;
    }

    @Override
    public void done() {
        end();
    }

    @Override
    public void failed(IOException failure) {
        firstFailure.compareAndSet(null, failure);
        end();
    }

    private void end() {
        if (left.decrementAndGet() > 0) {
            return;
        }
        IOException failure = firstFailure.get();
        if (failure == null) {
            whole.done();
        } else {
            whole.failed(failure);
        }
    }
}
