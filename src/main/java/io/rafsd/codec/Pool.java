package io.rafsd.codec;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps things that are dear to make. Not a thread local: virtual threads come and go. As many are kept as there are
 * processors to use them; a burst of more makes its own and drops them. Safe for many threads; nobody waits.
 */
final class Pool<T> {

    private final ArrayBlockingQueue<T> idle =
            new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());
    private final Supplier<T> maker;
    private final Consumer<T> closer;

    Pool(Supplier<T> maker) {
        this(maker, _ -> {});
    }

    /** @param closer ends what is not kept */
    Pool(Supplier<T> maker, Consumer<T> closer) {
        this.maker = maker;
        this.closer = closer;
    }

    T take() {
        @Nullable T pooled = idle.poll();
        return pooled == null ? maker.get() : pooled;
    }

    void give(T used) {
        if (!idle.offer(used)) {
            closer.accept(used);
        }
    }
}
