package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.storage.backend.ReadCause;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One chunk from its last byte off the wire to its end: decoded and verified on a decoding thread, handed to who waits,
 * written on a disk thread. A chunk that is not what the image means is fetched once more on its own, then its readers
 * fail. Whatever happens, the ticket ends and its part of the memory budget is given back, once.
 */
final class ChunkArrival {

    private static final Logger log = LoggerFactory.getLogger(ChunkArrival.class);

    private final SharedBlob blob;
    private final ChunkTable table;
    private final Ticket ticket;
    private final Runnable ended;
    private final @Nullable Digest digest;

    /** @param ended told when all is over */
    ChunkArrival(SharedBlob blob, ChunkTable table, Ticket ticket, @Nullable Digest digest, Runnable ended) {
        this.blob = blob;
        this.table = table;
        this.ticket = ticket;
        this.digest = digest;
        this.ended = ended;
    }

    /** Bytes of memory that a chunk needs on its way. */
    static long cost(ChunkTable table, int chunk) {
        return (table.isCompressed(chunk) ? table.compressedSize(chunk) : 0L) + table.uncompressedSize(chunk);
    }

    /** Goes on with what the backend sent; takes over the reference. */
    void received(ChunkBytes stored) {
        submit(stored, true);
    }

    /** The backend did not send it. */
    void failed(IOException failure) {
        blob.inFlight().fail(ticket, failure);
        end();
    }

    private void submit(ChunkBytes stored, boolean mayFetchAgain) {
        try {
            blob.transit().threads().decode().execute(() -> decode(stored, mayFetchAgain));
        } catch (RejectedExecutionException e) {
            stored.release();
            failed(LeasedBlobCache.closed(blob.files().id()));
        }
    }

    private void decode(ChunkBytes stored, boolean mayFetchAgain) {
        BlobSource source = ticket.owner().source();
        ChunkBytes plain;
        try {
            plain = ChunkDecoder.decode(
                    source.info(),
                    table,
                    ticket.chunk(),
                    stored,
                    digest,
                    blob.transit().buffers());
        } catch (IntegrityFailure e) {
            source.stats().backendCorruptions.increment();
            corrupt(e, mayFetchAgain);
            return;
        } catch (RuntimeException e) {
            log.atError().setCause(e).addKeyValue("blob", blob.files().id()).log("a chunk could not be decoded");
            failed(new IOException("blob " + blob.files().id() + ", chunk " + ticket.chunk() + ": " + e, e));
            return;
        } finally {
            stored.release();
        }
        source.stats().chunksFetched.increment();
        if (digest != null) {
            source.stats().chunksVerified.increment();
        }
        // Asked for before anybody is answered: who then unmounts at once finds the chunk next time.
        boolean mayWrite = blob.writes().enter();
        ticket.arrive(plain, true);
        if (mayWrite) {
            keep(plain);
        } else {
            finish(plain);
        }
    }

    private void corrupt(IntegrityFailure failure, boolean mayFetchAgain) {
        log.atWarn()
                .addKeyValue("blob", blob.files().id())
                .addKeyValue("chunk", ticket.chunk())
                .log(
                        mayFetchAgain ? "chunk from the backend is wrong, fetching it again: {}" : "chunk is wrong: {}",
                        failure.getMessage());
        if (!mayFetchAgain) {
            blob.table().distrust(table);
            failed(failure);
            return;
        }
        try {
            blob.transit().threads().transfer().execute(this::fetchAgain);
        } catch (RejectedExecutionException e) {
            failed(failure);
        }
    }

    private void fetchAgain() {
        BlobSource source = ticket.owner().source();
        int size = table.compressedSize(ticket.chunk());
        ChunkBytes stored = null;
        try (Overdue _ = new Overdue(blob, List.of(ticket), ticket.context())) {
            stored = blob.transit().buffers().take(size);
            source.stats().fetchedBytes.add(size);
            source.reader().readFully(table.compressedOffset(ticket.chunk()), stored.segment(), ticket.context());
        } catch (IOException | RuntimeException e) {
            if (stored != null) {
                stored.release();
            }
            failed(
                    e instanceof IOException known
                            ? known
                            : new IOException("blob " + blob.files().id() + ": " + e, e));
            return;
        }
        submit(stored, false);
    }

    /** Writes behind the readers' backs; they have their bytes already. */
    private void keep(ChunkBytes plain) {
        long bytes = plain.segment().byteSize();
        boolean droppable = ticket.context().cause() != ReadCause.PREFETCH;
        if (!blob.transit().writeBehind().accept(bytes, droppable)) {
            ticket.owner().storeFailed(ticket.chunk(), "the cache disk is slower than the network");
            blob.writes().leave();
            finish(plain);
            return;
        }
        try {
            blob.transit().threads().disk().execute(() -> {
                try {
                    write(plain);
                } finally {
                    afterWrite(plain, bytes);
                }
            });
        } catch (RejectedExecutionException e) {
            afterWrite(plain, bytes);
        }
    }

    private void afterWrite(ChunkBytes plain, long bytes) {
        blob.writes().leave();
        blob.transit().writeBehind().written(bytes);
        finish(plain);
    }

    private void write(ChunkBytes plain) {
        int chunk = ticket.chunk();
        if (blob.store().areVerified(chunk, chunk)) {
            return;
        }
        try {
            blob.store().store(chunk, table.uncompressedOffset(chunk), plain.segment(), digest);
            ticket.owner().source().stats().storedBytes.add(plain.segment().byteSize());
        } catch (IOException | RuntimeException e) {
            ticket.owner().storeFailed(chunk, String.valueOf(e.getMessage()));
        }
    }

    private void finish(ChunkBytes plain) {
        blob.inFlight().end(ticket);
        plain.release();
        end();
    }

    private void end() {
        blob.transit().budget().giveBack(cost(table, ticket.chunk()));
        ended.run();
    }
}
