package io.rafsd.storage.dedup;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes notes on a thread of its own, all that wait in one transaction. Where they come faster than the disk takes them,
 * some are dropped: each is a hint.
 */
final class NoteWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NoteWriter.class);
    private static final int MOST_WAITING = 1 << 16;

    /** Something to do with the rows. */
    @FunctionalInterface
    interface Note {
        void write(ChunkRows rows) throws SQLException;
    }

    private final ChunkRows rows;
    private final Consumer<Exception> failed;
    private final Queue<Note> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("dedup-writer").factory());

    /**
     * @param rows to write to; closed with this
     * @param failed told of what goes wrong; what waits then is dropped
     */
    NoteWriter(ChunkRows rows, Consumer<Exception> failed) {
        this.rows = rows;
        this.failed = failed;
    }

    void submit(Note note) {
        if (count.incrementAndGet() > MOST_WAITING) {
            count.decrementAndGet();
            log.atDebug().log("a chunk is not noted for others: {} notes wait for the disk", MOST_WAITING);
            return;
        }
        waiting.add(note);
        try {
            thread.execute(this::writeWaiting);
        } catch (RejectedExecutionException e) {
            // Closed: others do without.
        }
    }

    /** Returns when this and all before it are written, or were dropped. */
    void submitAndWait(Note note) {
        waiting.add(note);
        count.incrementAndGet();
        try {
            CompletableFuture.runAsync(this::writeWaiting, thread).join();
        } catch (RejectedExecutionException e) {
            // Closed: the next daemon will do it.
        }
    }

    private void writeWaiting() {
        List<Note> notes = new ArrayList<>();
        for (Note note = waiting.poll(); note != null; note = waiting.poll()) {
            notes.add(note);
        }
        count.addAndGet(-notes.size());
        if (notes.isEmpty()) {
            return;
        }
        try {
            rows.write(notes);
        } catch (SQLException | RuntimeException e) {
            failed.accept(e);
        }
    }

    /** Writes what waits. */
    @Override
    public void close() {
        try {
            CompletableFuture.runAsync(
                            () -> {
                                writeWaiting();
                                rows.close();
                            },
                            thread)
                    .join();
        } catch (RejectedExecutionException e) {
            // Closed before.
        }
        thread.shutdown();
    }
}
