package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * Pieces of a blob that come off the wire at once, are decoded by one task and written by another: one piece, or small
 * chunks that are neighbours, because with these a hand-over from thread to thread costs more than the work. The neighbours
 * are decoded to one buffer, which is laid out as the cache file is.
 */
final class Stretch {

    /** Stored bytes of a piece that goes with its neighbours. */
    private static final int SMALL = 32 << 10;
    /** Bytes of a stretch in the cache file: some tenths of a millisecond to decode. */
    private static final long LONGEST = 128 << 10;

    private static final int ALIGNMENT = 4096;

    private final SharedBlob blob;
    private final ChunkTable table;
    private final List<UnitArrival> units;

    Stretch(SharedBlob blob, ChunkTable table, List<UnitArrival> units) {
        this.blob = blob;
        this.table = table;
        this.units = units;
    }

    /** Index behind the last of the arrivals that go with the one at {@code first}. The first of a request goes alone: somebody waits for it. */
    static int end(List<UnitArrival> arrivals, int first, ChunkTable table) {
        StoredUnit unit = arrivals.get(first).unit();
        int end = first + 1;
        if (first == 0 || !isSmall(unit, table)) {
            return end;
        }
        long start = table.uncompressedOffset(unit.firstChunk());
        while (end < arrivals.size()) {
            StoredUnit next = arrivals.get(end).unit();
            if (!isSmall(next, table) || !areNeighbours(unit, next, table) || endOf(next, table) - start > LONGEST) {
                break;
            }
            unit = next;
            end++;
        }
        return end;
    }

    private static boolean isSmall(StoredUnit unit, ChunkTable table) {
        return unit.isSingle()
                && unit.storedSize() <= SMALL
                && unit.size() > 0
                && unit.size() == table.uncompressedSize(unit.firstChunk());
    }

    /** In the blob and in the cache file, where chunks begin at multiples of 4 KiB. */
    private static boolean areNeighbours(StoredUnit unit, StoredUnit next, ChunkTable table) {
        long gap = table.uncompressedOffset(next.firstChunk()) - endOf(unit, table);
        return next.firstChunk() == unit.firstChunk() + 1 && next.offset() == unit.end() && gap >= 0 && gap < ALIGNMENT;
    }

    private static long endOf(StoredUnit unit, ChunkTable table) {
        return table.uncompressedOffset(unit.firstChunk()) + unit.size();
    }

    /** Where it begins in the stored blob. */
    long offset() {
        return units.getFirst().unit().offset();
    }

    int storedSize() {
        return Math.toIntExact(units.getLast().unit().end() - offset());
    }

    /** Goes on with what the backend sent; takes over the reference. */
    void received(ChunkBytes stored) {
        if (units.size() == 1) {
            units.getFirst().received(stored);
            return;
        }
        try {
            blob.transit().threads().decode().execute(() -> decode(stored));
        } catch (RejectedExecutionException e) {
            stored.release();
            IOException failure = LeasedBlobCache.closed(blob.files().id());
            units.forEach(unit -> unit.failed(failure));
        }
    }

    private void decode(ChunkBytes stored) {
        List<ChunkArrival> kept = new ArrayList<>(units.size());
        int begun = 0;
        long start = table.uncompressedOffset(units.getFirst().unit().firstChunk());
        ChunkBytes plain = null;
        try {
            plain = blob.transit().buffers().take((int) (endOf(units.getLast().unit(), table) - start));
            long filled = 0;
            for (UnitArrival arrival : units) {
                StoredUnit unit = arrival.unit();
                long at = table.uncompressedOffset(unit.firstChunk()) - start;
                plain.segment().asSlice(filled, at - filled).fill((byte) 0);
                filled = at + unit.size();
                begun++;
                arrival.decode(
                        stored.segment().asSlice(unit.offset() - offset(), unit.storedSize()),
                        plain.part(at, unit.size()),
                        kept);
            }
        } catch (RuntimeException e) {
            IOException failure =
                    new IOException("blob " + blob.files().id() + ": chunks could not be decoded: " + e, e);
            units.subList(begun, units.size()).forEach(unit -> unit.failed(failure));
        } finally {
            stored.release();
            if (plain != null) {
                ChunkWrites.start(blob, kept, plain.segment(), start);
                plain.release();
            }
        }
    }
}
