package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once in a while what happens with every chunk: a full disk must not be filled with its own warnings. */
final class RareWarning {

    private static final Logger log = LoggerFactory.getLogger(RareWarning.class);
    private static final long PAUSE_NANOS = 30_000_000_000L;

    private final String message;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicLong silent = new AtomicLong();

    RareWarning(String message) {
        this.message = message;
    }

    void log(BlobId blob, int chunk, String reason) {
        long now = System.nanoTime();
        long due = next.get();
        if (now - due < 0 || !next.compareAndSet(due, now + PAUSE_NANOS)) {
            silent.incrementAndGet();
            return;
        }
        log.atWarn()
                .addKeyValue("blob", blob)
                .addKeyValue("chunk", chunk)
                .addKeyValue("unreported", silent.getAndSet(0))
                .log("{}: {}", message, reason);
    }
}
