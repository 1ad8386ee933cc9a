package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.storage.backend.ReadCause;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One chunk from where the piece that holds it was decoded to its end: verified, handed to who waits, written on a disk
 * thread. Whatever happens, its ticket ends, once.
 */
final class ChunkArrival {

    private final SharedBlob blob;
    private final ChunkTable table;
    private final Ticket ticket;
    private final UnitArrival unit;
    private final Runnable ended;
    private final @Nullable Digest digest;

    /**
     * @param unit that holds it, and is told when all is over
     * @param digest that the image states
     * @param ended told as well
     */
    ChunkArrival(
            SharedBlob blob,
            ChunkTable table,
            Ticket ticket,
            UnitArrival unit,
            @Nullable Digest digest,
            Runnable ended) {
        this.blob = blob;
        this.table = table;
        this.ticket = ticket;
        this.unit = unit;
        this.digest = digest;
        this.ended = ended;
    }

    int chunk() {
        return ticket.chunk();
    }

    Ticket ticket() {
        return ticket;
    }

    /** It does not come. */
    void failed(IOException failure) {
        blob.inFlight().fail(ticket, failure);
        end();
    }

    /** Chunks that the table led to were wrong twice. */
    void distrustTable() {
        ticket.owner().table().distrust(table);
    }

    /**
     * Goes on with its part of the decoded unit.
     *
     * @throws IntegrityFailure if that is another chunk than the image means; nothing has happened then
     */
    void decoded(ChunkBytes whole) throws IntegrityFailure {
        BlobSource source = ticket.owner().source();
        ChunkBytes plain = whole.part(table.offsetInUnit(chunk()), table.uncompressedSize(chunk()));
        if (digest != null) {
            try {
                ChunkDecoder.verify(source.info(), unit.unit(), chunk(), plain.segment(), digest);
            } catch (IntegrityFailure | RuntimeException e) {
                plain.release();
                throw e;
            }
            source.stats().chunksVerified.increment();
        }
        source.stats().chunksFetched.increment();
        // Asked for before anybody is answered: who then unmounts at once finds the chunk next time.
        boolean mayWrite = blob.writes().enter();
        ticket.arrive(plain, true);
        if (mayWrite) {
            keep(plain);
        } else {
            finish(plain);
        }
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
        unit.ended();
        ended.run();
    }
}
