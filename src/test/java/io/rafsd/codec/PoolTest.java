package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class PoolTest {

    @Test
    void whatWasGivenBackIsTakenAgain() {
        Pool<Object> pool = new Pool<>(Object::new);
        Object first = pool.take();
        pool.give(first);
        assertThat(pool.take()).isSameAs(first);
    }

    @Test
    void nothingIsEverInTwoHands() throws Exception {
        Pool<AtomicBoolean> pool = new Pool<>(AtomicBoolean::new);
        List<Future<?>> users = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int user = 0; user < 50; user++) {
                users.add(threads.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        AtomicBoolean inUse = pool.take();
                        assertThat(inUse.getAndSet(true)).isFalse();
                        LockSupport.parkNanos(1);
                        assertThat(inUse.getAndSet(false)).isTrue();
                        pool.give(inUse);
                    }
                    return null;
                }));
            }
        }
        for (Future<?> user : users) {
            user.get();
        }
    }

    @Test
    void burstIsNotKeptButEnded() {
        AtomicInteger made = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Pool<Integer> pool = new Pool<>(made::incrementAndGet, _ -> ended.incrementAndGet());
        List<Integer> burst = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            burst.add(pool.take());
        }
        burst.forEach(pool::give);
        int kept = made.get() - ended.get();
        assertThat(kept).isEqualTo(2 * Runtime.getRuntime().availableProcessors());
    }
}
