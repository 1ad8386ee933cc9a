package io.rafsd.storage.cache;

import io.rafsd.blob.StoredUnit;
import io.rafsd.error.IntegrityFailure;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is stored as one piece, from its last byte off the wire on: decoded on a decoding thread, cut into its chunks, each
 * of which is verified and goes its own way. Where a chunk is not what the image means, the piece is fetched once more for
 * those that were wrong, then their readers fail. Its part of the memory budget is given back once, after its last chunk.
 */
final class UnitArrival {

    private static final Logger log = LoggerFactory.getLogger(UnitArrival.class);

    private final SharedBlob blob;
    private final LeasedBlobCache owner;
    private final StoredUnit unit;
    private final List<ChunkArrival> chunks = new ArrayList<>(1);
    private final AtomicInteger unended = new AtomicInteger();

    UnitArrival(SharedBlob blob, LeasedBlobCache owner, StoredUnit unit) {
        this.blob = blob;
        this.owner = owner;
        this.unit = unit;
    }

    /** Adds a chunk that is wanted of it; before anything else. */
    void add(ChunkArrival chunk) {
        chunks.add(chunk);
        unended.incrementAndGet();
    }

    StoredUnit unit() {
        return unit;
    }

    /** Bytes of memory that it needs on its way. */
    long cost() {
        return unit.storedSize() + (unit.isRaw() ? 0L : unit.size());
    }

    /** A chunk's way has ended. */
    void ended() {
        if (unended.decrementAndGet() == 0) {
            blob.transit().budget().giveBack(cost());
        }
    }

    /** Goes on with what the backend sent; takes over the reference. */
    void received(ChunkBytes stored) {
        submit(stored, chunks, true);
    }

    /** The backend did not send it. */
    void failed(IOException failure) {
        chunks.forEach(chunk -> chunk.failed(failure));
    }

    private void submit(ChunkBytes stored, List<ChunkArrival> wanted, boolean mayFetchAgain) {
        try {
            blob.transit().threads().decode().execute(() -> decode(stored, wanted, mayFetchAgain));
        } catch (RejectedExecutionException e) {
            stored.release();
            IOException failure = LeasedBlobCache.closed(blob.files().id());
            wanted.forEach(chunk -> chunk.failed(failure));
        }
    }

    private void decode(ChunkBytes stored, List<ChunkArrival> wanted, boolean mayFetchAgain) {
        ChunkBytes plain;
        try {
            plain = ChunkDecoder.decode(
                    owner.source().info(), unit, stored, blob.transit().buffers());
        } catch (IntegrityFailure e) {
            corrupt(e, wanted, mayFetchAgain);
            return;
        } catch (RuntimeException e) {
            broken(e, wanted);
            return;
        } finally {
            stored.release();
        }
        List<ChunkArrival> kept = new ArrayList<>(wanted.size());
        try {
            cut(plain, wanted, mayFetchAgain, kept);
        } finally {
            plain.release();
            ChunkWrites.start(blob, kept);
        }
    }

    /**
     * Goes on as part of a {@link Stretch}.
     *
     * @param stored what the backend sent
     * @param plain receives the decoded unit; the reference is taken over
     * @param kept gets the chunks that are to be written
     */
    void decode(MemorySegment stored, ChunkBytes plain, List<ChunkArrival> kept) {
        try {
            ChunkDecoder.decode(owner.source().info(), unit, stored, plain.segment());
            cut(plain, chunks, true, kept);
        } catch (IntegrityFailure e) {
            corrupt(e, chunks, true);
        } catch (RuntimeException e) {
            broken(e, chunks);
        } finally {
            plain.release();
        }
    }

    private void broken(RuntimeException e, List<ChunkArrival> wanted) {
        log.atError().setCause(e).addKeyValue("blob", blob.files().id()).log("a chunk could not be decoded");
        IOException failure =
                new IOException("blob " + blob.files().id() + ", chunk " + unit.firstChunk() + ": " + e, e);
        wanted.forEach(chunk -> chunk.failed(failure));
    }

    private void cut(ChunkBytes plain, List<ChunkArrival> wanted, boolean mayFetchAgain, List<ChunkArrival> kept) {
        List<ChunkArrival> wrong = new ArrayList<>(0);
        IntegrityFailure failure = null;
        for (ChunkArrival chunk : wanted) {
            try {
                chunk.decoded(plain, kept);
            } catch (IntegrityFailure e) {
                wrong.add(chunk);
                failure = e;
            } catch (RuntimeException e) {
                broken(e, List.of(chunk));
            }
        }
        if (failure != null) {
            corrupt(failure, wrong, mayFetchAgain);
        }
    }

    private void corrupt(IntegrityFailure failure, List<ChunkArrival> wrong, boolean mayFetchAgain) {
        owner.stats().backendCorruptions.increment();
        log.atWarn()
                .addKeyValue("blob", blob.files().id())
                .addKeyValue("chunk", wrong.getFirst().chunk())
                .log(
                        mayFetchAgain ? "chunk from the backend is wrong, fetching it again: {}" : "chunk is wrong: {}",
                        failure.getMessage());
        if (!mayFetchAgain) {
            wrong.getFirst().distrustTable();
            wrong.forEach(chunk -> chunk.failed(failure));
            return;
        }
        try {
            blob.transit().threads().transfer().execute(() -> fetchAgain(wrong));
        } catch (RejectedExecutionException e) {
            wrong.forEach(chunk -> chunk.failed(failure));
        }
    }

    private void fetchAgain(List<ChunkArrival> wrong) {
        List<Ticket> tickets = wrong.stream().map(ChunkArrival::ticket).toList();
        ChunkBytes stored = null;
        try (Overdue _ = new Overdue(blob, tickets, tickets.getFirst().context())) {
            stored = blob.transit().buffers().take(unit.storedSize());
            owner.stats().fetchedBytes.add(unit.storedSize());
            owner.source()
                    .reader()
                    .readFully(
                            unit.offset(), stored.segment(), tickets.getFirst().context());
        } catch (IOException | RuntimeException e) {
            if (stored != null) {
                stored.release();
            }
            IOException failure = e instanceof IOException known
                    ? known
                    : new IOException("blob " + blob.files().id() + ": " + e, e);
            wrong.forEach(chunk -> chunk.failed(failure));
            return;
        }
        submit(stored, wrong, false);
    }
}
