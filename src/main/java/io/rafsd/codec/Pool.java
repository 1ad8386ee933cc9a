package io.rafsd.codec;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps things that are dear to make. Not a thread local: virtual threads come and go. As many are kept as were ever in
 * use at once. Safe for many threads.
 */
final class Pool<T> {

    private final ConcurrentLinkedQueue<T> idle = new ConcurrentLinkedQueue<>();
    private final Supplier<T> maker;

    Pool(Supplier<T> maker) {
        this.maker = maker;
    }

    T take() {
        @Nullable T pooled = idle.poll();
        return pooled == null ? maker.get() : pooled;
    }

    void give(T used) {
        idle.offer(used);
    }
}
