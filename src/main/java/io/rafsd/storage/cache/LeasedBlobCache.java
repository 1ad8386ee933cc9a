package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.stats.CacheStats;
import io.rafsd.storage.backend.ReadCause;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob as one mount reads it: with its backend, its digests and its counters, over the chunks that all mounts of the
 * blob share. Ends its own reads when it is closed; what other mounts wait for goes on with their backends.
 */
final class LeasedBlobCache implements BlobCache {

    private static final Logger log = LoggerFactory.getLogger(LeasedBlobCache.class);

    private final SharedBlob blob;
    private final BlobSource source;
    private final LazyChunkTable table;
    private final boolean statesDigests;
    private final ChunkFetcher fetcher;
    private final Prefetcher prefetcher;
    private final ReadAhead readAhead;
    private final RareWarning storeWarning;
    private final Set<PendingRead> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LeasedBlobCache(SharedBlob blob, BlobSource source, boolean statesDigests) {
        this.blob = blob;
        this.source = source;
        this.table = switch (source.table()) {
            case ChunkTableSource.Bootstrap own ->
                LazyChunkTable.of(blob.files(), own.table(), blob.transit().threads());
            case ChunkTableSource.Blob _ -> blob.table();
        };
        this.statesDigests = statesDigests;
        this.readAhead = new ReadAhead(source.info().chunkCount());
        this.fetcher = new ChunkFetcher(blob, this, readAhead);
        this.prefetcher = new Prefetcher(blob, this, fetcher);
        this.storeWarning = new RareWarning("chunk is served but cannot be kept; check space and permissions of the"
                + " cache directory " + blob.files().directory());
    }

    @Override
    public BlobId id() {
        return source.info().id();
    }

    BlobSource source() {
        return source;
    }

    /** Where the chunks lie. */
    LazyChunkTable table() {
        return table;
    }

    CacheStats stats() {
        return source.stats();
    }

    boolean isClosed() {
        return closed;
    }

    static IOException closed(BlobId id) {
        return new CacheFailure("blob " + id + ": its image was unmounted");
    }

    @Override
    public boolean readIfReady(int firstChunk, int lastChunk, long start, int offset, MemorySegment destination) {
        ChunkTable known = table.ifLoaded();
        if (known == null
                || !covers(known, firstChunk, lastChunk, start, offset + destination.byteSize())
                || closed
                || !blob.store().read(firstChunk, lastChunk, start + offset, destination)) {
            return false;
        }
        source.stats().hits.increment();
        for (int chunk = firstChunk; chunk <= lastChunk; chunk++) {
            follow(chunk, known);
        }
        return true;
    }

    /**
     * Whether the chunks are where the image says, side by side, and hold so many bytes: bootstrap and chunk table come
     * from different places, and who is wrong must not get a neighbour's bytes, or a hole.
     */
    private boolean covers(ChunkTable table, int firstChunk, int lastChunk, long start, long size) {
        if (firstChunk < 0 || firstChunk > lastChunk || lastChunk >= table.chunkCount()) {
            return false;
        }
        long at = start;
        for (int chunk = firstChunk; chunk <= lastChunk; chunk++) {
            if (table.uncompressedOffset(chunk) != at) {
                return false;
            }
            at += chunk < lastChunk ? source.info().chunkSize() : table.uncompressedSize(chunk);
            if (chunk < lastChunk
                    && table.uncompressedSize(chunk) != source.info().chunkSize()) {
                return false;
            }
        }
        return start + size <= at;
    }

    private void follow(int chunk, ChunkTable table) {
        if (readAhead.isMarked(chunk)) {
            readAhead.unmark(chunk);
            fetcher.fetchBehind(chunk, table);
        }
    }

    @Override
    public void read(List<ChunkSlice> slices, ReadContext context, Completion completion) {
        if (slices.isEmpty()) {
            completion.done();
            return;
        }
        PendingRead read = new PendingRead(this, slices.size(), context, completion);
        pending.add(read);
        if (closed) {
            read.fail(closed(id()));
            return;
        }
        start(read, slices);
        read.arm(blob.transit().threads().clock());
    }

    /** Starts a part of a read anew whose fetch by somebody else failed; not on the thread that says so. */
    void restart(PendingRead read, ChunkSlice slice) {
        try {
            blob.transit().threads().disk().execute(() -> {
                if (closed) {
                    read.fail(closed(id()));
                } else {
                    start(read, List.of(slice));
                }
            });
        } catch (RejectedExecutionException e) {
            read.fail(closed(id()));
        }
    }

    void ended(PendingRead read, boolean hit) {
        pending.remove(read);
        if (hit) {
            source.stats().hits.increment();
        } else {
            source.stats().misses.increment();
        }
    }

    private void start(PendingRead read, List<ChunkSlice> slices) {
        ChunkTable known = table.ifLoaded();
        if (known == null) {
            table.whenLoaded(new ReadWaiting(read, slices));
        } else {
            start(read, slices, known);
        }
    }

    /** Whatever goes wrong, the read ends, and so do the tickets that nobody else would start. */
    private void start(PendingRead read, List<ChunkSlice> slices, ChunkTable table) {
        List<Ticket> fresh = new ArrayList<>(slices.size());
        try {
            start(read, slices, table, fresh);
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("blob", id()).log("a read could not be started");
            IOException failure = new IOException("blob " + id() + ": a read could not be started: " + e, e);
            read.fail(failure);
            for (Ticket ticket : fresh) {
                blob.inFlight().fail(ticket, failure);
            }
        }
    }

    private void start(PendingRead read, List<ChunkSlice> slices, ChunkTable table, List<Ticket> fresh) {
        for (ChunkSlice slice : slices) {
            IOException illegal = refusal(slice, table);
            if (illegal != null) {
                read.fail(illegal);
                return;
            }
        }
        for (ChunkSlice slice : slices) {
            if (!read.fillBy(() -> readLocally(slice, table))) {
                blob.inFlight().join(new Waiter(read, slice), fresh);
            }
        }
        long amplify = read.context().cause() == ReadCause.ON_DEMAND ? source.amplifyBytes() : 0;
        fetcher.obtain(fresh, table, amplify, read.context());
        for (ChunkSlice slice : slices) {
            follow(slice.chunk(), table);
        }
    }

    private boolean readLocally(ChunkSlice slice, ChunkTable table) {
        int chunk = slice.chunk();
        if (!blob.store().areVerified(chunk, chunk)) {
            return false;
        }
        if (blob.store().read(chunk, chunk, table.uncompressedOffset(chunk) + slice.offset(), slice.destination())) {
            return true;
        }
        blob.store().forget(chunk);
        return false;
    }

    private @Nullable IOException refusal(ChunkSlice slice, ChunkTable table) {
        int chunk = slice.chunk();
        if (chunk < 0 || chunk >= table.chunkCount()) {
            return new InvalidImage("blob " + id() + " has no chunk " + chunk + ", only " + table.chunkCount());
        }
        if (slice.start() != table.uncompressedOffset(chunk)) {
            // The table that came from disk may be the one that is wrong.
            this.table.distrust(table);
            return new InvalidImage("blob " + id() + ", chunk " + chunk + " begins at " + slice.start()
                    + " for the bootstrap and at " + table.uncompressedOffset(chunk)
                    + " for the chunk table: they do not belong together");
        }
        long end = slice.offset() + slice.destination().byteSize();
        if (slice.offset() < 0 || end > table.uncompressedSize(chunk)) {
            return new InvalidImage("blob " + id() + ", chunk " + chunk + " has " + table.uncompressedSize(chunk)
                    + " bytes, wanted " + slice.offset() + " to " + end
                    + ": bootstrap and chunk table do not belong together");
        }
        if (!canProve(chunk)) {
            return new IntegrityFailure("blob " + id() + ", chunk " + chunk
                    + ": the image states digests, but none for this chunk, so it cannot be verified");
        }
        return null;
    }

    @Override
    public void prefetch(int firstChunk, int lastChunk, ReadContext context) {
        try {
            blob.transit().threads().transfer().execute(() -> prefetcher.run(firstChunk, lastChunk, context));
        } catch (RejectedExecutionException e) {
            // Closed: nobody wants it any more.
        }
    }

    /**
     * Whether the chunk may be served: its digest is stated, or the image states none at all. Where layers were merged, a
     * blob holds chunks that the image does not mention, and does not read.
     */
    boolean canProve(int chunk) {
        return !statesDigests || source.digests().of(chunk) != null;
    }

    void storeFailed(int chunk, String reason) {
        if (!closed) {
            source.stats().storeFailures.increment();
            storeWarning.log(id(), chunk, reason);
        }
    }

    /** Fails what waits; what others wait for starts again with theirs. */
    void close() {
        closed = true;
        IOException failure = closed(id());
        for (PendingRead read : pending) {
            read.fail(failure);
        }
        for (Ticket ticket : blob.inFlight().ownedBy(this)) {
            blob.inFlight().abandon(ticket, failure);
        }
    }

    /** A read that waits for the chunk table. */
    private record ReadWaiting(PendingRead read, List<ChunkSlice> slices) implements LazyChunkTable.Waiting {

        @Override
        public LeasedBlobCache owner() {
            return read.owner();
        }

        @Override
        public ReadContext context() {
            return read.context();
        }

        @Override
        public void loaded(ChunkTable table) {
            if (read.owner().closed) {
                read.fail(closed(read.owner().id()));
            } else {
                read.owner().start(read, slices, table);
            }
        }

        @Override
        public void failed(IOException failure) {
            read.fail(failure);
        }
    }
}
