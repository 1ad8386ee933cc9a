package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileStatus;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings chunks from other blobs' cache files, as the {@link DedupDatabase} knows them. Every chunk is compared with the
 * digest that the image states, so a file that has changed, or a database that lies, costs a download and no more. Files
 * are read on disk threads.
 */
final class Neighbours {

    private static final Logger log = LoggerFactory.getLogger(Neighbours.class);

    private final SharedBlob blob;
    private final LeasedBlobCache owner;

    Neighbours(SharedBlob blob, LeasedBlobCache owner) {
        this.blob = blob;
        this.owner = owner;
    }

    /** Whether there is any use in asking. */
    boolean areKnown() {
        return blob.dedup().isUsed();
    }

    /** Takes what is there; tickets of the rest are returned. For a thread that may wait. */
    List<Ticket> take(List<Ticket> absent, ChunkTable table) {
        if (!areKnown() || absent.isEmpty()) {
            return absent;
        }
        Executor disk = blob.transit().threads().disk();
        try {
            return CompletableFuture.supplyAsync(() -> takeHere(absent, table), disk)
                    .join();
        } catch (RejectedExecutionException e) {
            return absent;
        }
    }

    /** The same on the caller's own disk thread. */
    List<Ticket> takeHere(List<Ticket> absent, ChunkTable table) {
        List<Ticket> rest = new ArrayList<>();
        for (Ticket ticket : absent) {
            if (!take(ticket, table)) {
                rest.add(ticket);
            }
        }
        return rest;
    }

    /** Whatever goes wrong, the ticket has ended or is the caller's to end. */
    private boolean take(Ticket ticket, ChunkTable table) {
        try {
            return find(ticket, table);
        } catch (RuntimeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("blob", owner.id())
                    .log("a chunk of another cache was not taken over");
            return !ticket.isAwaited();
        }
    }

    private boolean find(Ticket ticket, ChunkTable table) {
        int chunk = ticket.chunk();
        Digest digest = owner.source().digests().of(chunk);
        if (digest == null) {
            return false;
        }
        DigestAlgorithm algorithm = owner.source().info().digester();
        for (DedupDatabase.Place place : blob.dedup().find(algorithm, digest)) {
            ChunkBytes bytes = blob.transit().buffers().take(table.uncompressedSize(chunk));
            try {
                if (reads(place, bytes.segment(), algorithm, digest)) {
                    arrived(ticket, table, bytes, digest);
                    return true;
                }
                blob.dedup().remove(algorithm, digest, place);
            } finally {
                bytes.release();
            }
        }
        return false;
    }

    private static boolean reads(
            DedupDatabase.Place place, MemorySegment bytes, DigestAlgorithm algorithm, Digest digest) {
        // Not to wait for a pipe that took the name of a cache file.
        try (Fd file = Fd.open(place.file(), Fd.O_RDONLY | Fd.O_NONBLOCK, 0)) {
            if (!FileStatus.of(file).isRegular()) {
                return false;
            }
            file.preadFully(bytes, place.offset());
            return algorithm.digest(bytes).equals(digest);
        } catch (IOException e) {
            log.atDebug().log("a chunk is not where another cache should have it: {}", e.getMessage());
            return false;
        }
    }

    private void arrived(Ticket ticket, ChunkTable table, ChunkBytes bytes, Digest digest) {
        owner.stats().chunksVerified.increment();
        owner.stats().chunksShared.increment();
        boolean mayWrite = blob.writes().enter();
        ticket.arrive(bytes, false);
        try {
            if (mayWrite) {
                store(ticket.chunk(), table, bytes.segment(), digest);
            }
        } finally {
            if (mayWrite) {
                blob.writes().leave();
            }
            blob.inFlight().end(ticket);
        }
    }

    private void store(int chunk, ChunkTable table, MemorySegment bytes, Digest digest) {
        try {
            long offset = table.uncompressedOffset(chunk);
            blob.store().store(new StoredRun(chunk, offset, bytes, List.of(bytes), List.of(digest)));
            owner.stats().storedBytes.add(bytes.byteSize());
            blob.announce(owner.source().info().digester(), digest, offset);
        } catch (IOException | RuntimeException e) {
            owner.storeFailed(chunk, String.valueOf(e.getMessage()));
        }
    }
}
