package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.storage.backend.ReadCause;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
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
    private @Nullable ChunkBytes bytes;

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
     * @param kept gets it if it is to be written; {@link ChunkWrites} ends it then
     * @throws IntegrityFailure if that is another chunk than the image means; nothing has happened then
     */
    void decoded(ChunkBytes whole, List<ChunkArrival> kept) throws IntegrityFailure {
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
            bytes = plain;
            kept.add(this);
        } else {
            finish(plain);
        }
    }

    /** Its bytes, while it waits to be written. */
    MemorySegment bytes() {
        return waiting().segment();
    }

    private ChunkBytes waiting() {
        if (bytes == null) {
            throw new IllegalStateException("a chunk that is written has bytes");
        }
        return bytes;
    }

    /** In the uncompressed blob. */
    long offset() {
        return table.uncompressedOffset(chunk());
    }

    @Nullable
    Digest digest() {
        return digest;
    }

    /** Whether the disk may be given it; it has ended if not. */
    boolean mayBeWritten() {
        boolean droppable = ticket.context().cause() != ReadCause.PREFETCH;
        if (blob.transit().writeBehind().accept(bytes().byteSize(), droppable)) {
            return true;
        }
        notStored("the cache disk is slower than the network");
        blob.writes().leave();
        finish(waiting());
        return false;
    }

    void stored() {
        BlobSource source = ticket.owner().source();
        source.stats().storedBytes.add(bytes().byteSize());
        if (digest != null) {
            blob.announce(source.info().digester(), digest, offset());
        }
    }

    void notStored(String reason) {
        ticket.owner().storeFailed(chunk(), reason);
    }

    /** Ends it, whether it was stored or not. */
    void afterWrite() {
        blob.writes().leave();
        blob.transit().writeBehind().written(bytes().byteSize());
        finish(waiting());
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
