package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chunk table of a blob, loaded when the first read needs it. Reads that come meanwhile wait for the same load and
 * share its failure; the next read starts another one. A load that is overdue is no longer waited for. Safe for many
 * threads.
 */
final class LazyChunkTable {

    private static final Logger log = LoggerFactory.getLogger(LazyChunkTable.class);

    private final CacheFiles files;
    private final ChunkTableLoader loader;
    private final CacheThreads threads;
    private volatile @Nullable ChunkTable loaded;
    private @Nullable Load loading;
    private boolean distrusted;

    LazyChunkTable(CacheFiles files, ChunkTableLoader loader, CacheThreads threads) {
        this.files = files;
        this.loader = loader;
        this.threads = threads;
    }

    /** A table that is there from the start and cannot be loaded anew. */
    static LazyChunkTable of(CacheFiles files, ChunkTable table, CacheThreads threads) {
        LazyChunkTable known = new LazyChunkTable(files, (_, _, _, _) -> table, threads);
        known.loaded = table;
        known.distrusted = true;
        return known;
    }

    @Nullable
    ChunkTable ifLoaded() {
        return loaded;
    }

    /** What waits for the table: a read, or an errand of its mount. */
    interface Waiting {

        LeasedBlobCache owner();

        ReadContext context();

        void loaded(ChunkTable table);

        void failed(IOException failure);
    }

    /** Goes on with {@code waiting} when the table is there, at once if it is. */
    void whenLoaded(Waiting waiting) {
        ChunkTable known = loaded;
        if (known == null) {
            Load started = null;
            synchronized (this) {
                known = loaded;
                if (known == null) {
                    if (loading == null || loading.first.context().remainingNanos() == 0) {
                        started = new Load(waiting);
                        loading = started;
                    }
                    loading.waiting.add(waiting);
                }
            }
            if (started != null) {
                start(started);
            }
        }
        if (known != null) {
            waiting.loaded(known);
        }
    }

    private void start(Load load) {
        try {
            threads.load().execute(() -> run(load));
        } catch (RejectedExecutionException e) {
            fail(load, LeasedBlobCache.closed(files.id()));
        }
    }

    private void run(Load load) {
        LeasedBlobCache owner = load.first.owner();
        try {
            ChunkTable table = switch (owner.source().table()) {
                case ChunkTableSource.Bootstrap own -> own.table();
                case ChunkTableSource.Blob holder ->
                    loader.load(owner.source().info(), holder.reader(), files.meta(), load.first.context());
            };
            if (table.chunkCount() != owner.source().info().chunkCount()) {
                throw new IntegrityFailure("blob " + files.id() + ": its chunk table has " + table.chunkCount()
                        + " chunks, the image says " + owner.source().info().chunkCount());
            }
            List<Waiting> served;
            synchronized (this) {
                loaded = table;
                served = end(load);
            }
            served.forEach(waiting -> waiting.loaded(table));
        } catch (IOException e) {
            fail(load, e);
        } catch (RuntimeException e) {
            fail(load, new IOException("blob " + files.id() + ": the chunk table could not be loaded: " + e, e));
        }
    }

    private void fail(Load load, IOException failure) {
        List<Waiting> failed;
        synchronized (this) {
            failed = end(load);
        }
        for (Waiting waiting : failed) {
            boolean anothers = !waiting.owner().equals(load.first.owner());
            boolean overdue = load.first.context().remainingNanos() == 0;
            if (waiting.context().remainingNanos() > 0
                    && (anothers || overdue)
                    && !waiting.owner().isClosed()) {
                whenLoaded(waiting);
            } else {
                waiting.failed(failure);
            }
        }
    }

    private List<Waiting> end(Load load) {
        if (loading == load) {
            loading = null;
        }
        List<Waiting> ended = load.waiting;
        load.waiting = new ArrayList<>();
        return ended;
    }

    /**
     * Chunks found by this table were wrong twice. If it came from disk, it may be the table that is: it is loaded from the
     * blob once more, once in the life of this object.
     */
    void distrust(ChunkTable table) {
        synchronized (this) {
            if (distrusted || !table.equals(loaded)) {
                return;
            }
            distrusted = true;
            loaded = null;
        }
        try {
            Files.deleteIfExists(files.meta());
        } catch (IOException e) {
            log.atWarn().addKeyValue("file", files.meta()).log("chunk table cannot be removed: {}", e.getMessage());
        }
    }

    /** One attempt. */
    private static final class Load {

        private final Waiting first;
        private List<Waiting> waiting = new ArrayList<>();

        Load(Waiting first) {
            this.first = first;
        }
    }
}
