package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.storage.chunkmap.MemoryChunkMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps ahead of those who read a blob in order. The first chunk that was fetched beyond what anybody asked carries a mark,
 * as Linux marks a page of its read-ahead: who reads it reads on, and has the next window fetched while the rest of this
 * one is still before him. Windows double up to {@link #LARGEST_WINDOW}. Nothing is remembered of readers, so many are
 * followed at once, and a look at a chunk without a mark costs a look at memory. Safe for many threads.
 */
final class ReadAhead {

    /** Uncompressed bytes of one window. */
    static final long LARGEST_WINDOW = 8L << 20;

    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MemoryChunkMap marks;

    ReadAhead(int chunkCount) {
        this.marks = new MemoryChunkMap(chunkCount);
    }

    boolean isMarked(int chunk) {
        return marks.isReady(chunk);
    }

    void mark(int chunk) {
        marks.markReady(chunk);
    }

    void unmark(int chunk) {
        marks.clear(chunk);
    }

    /**
     * Claims the window that follows on what earlier ones brought, and marks its first chunk.
     *
     * @param read the marked chunk
     * @param claim a ticket for a chunk that is absent and that nobody fetches, else null
     */
    List<Ticket> claimBehind(int read, ChunkTable table, IntFunction<@Nullable Ticket> claim) {
        List<Ticket> claimed = new ArrayList<>();
        long brought = table.uncompressedSize(read);
        int chunk = read + 1;
        Ticket next = null;
        for (; chunk < table.chunkCount() && brought < 2 * LARGEST_WINDOW; chunk++) {
            next = claim.apply(chunk);
            if (next != null) {
                break;
            }
            brought += table.uncompressedSize(chunk);
        }
        long left = Math.min(2 * brought, LARGEST_WINDOW);
        while (next != null) {
            claimed.add(next);
            left -= table.uncompressedSize(chunk);
            chunk++;
            next = left > 0 && chunk < table.chunkCount() ? claim.apply(chunk) : null;
        }
        if (!claimed.isEmpty()) {
            mark(claimed.getFirst().chunk());
        }
        return claimed;
    }
}
