package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Brings chunks that arrived to disk, behind the backs of their readers, who have their bytes already. Neighbours are
 * written at once where they lie in memory as they will in the file. Runs on a disk thread.
 */
final class ChunkWrites implements Runnable {

    private final SharedBlob blob;
    private final List<ChunkArrival> chunks;
    private final @Nullable MemorySegment sheet;
    private final long sheetOffset;

    private ChunkWrites(SharedBlob blob, List<ChunkArrival> chunks, @Nullable MemorySegment sheet, long sheetOffset) {
        this.blob = blob;
        this.chunks = chunks;
        this.sheet = sheet;
        this.sheetOffset = sheetOffset;
    }

    /** Writes chunks one by one. All of them end by it, kept or not. */
    static void start(SharedBlob blob, List<ChunkArrival> chunks) {
        submit(blob, chunks, null, 0);
    }

    /**
     * Writes chunks that are parts of one sheet.
     *
     * @param sheet that the chunks keep in memory
     * @param offset where it belongs in the uncompressed blob
     */
    static void start(SharedBlob blob, List<ChunkArrival> chunks, MemorySegment sheet, long offset) {
        submit(blob, chunks, sheet, offset);
    }

    private static void submit(SharedBlob blob, List<ChunkArrival> chunks, @Nullable MemorySegment sheet, long offset) {
        List<ChunkArrival> accepted = new ArrayList<>(chunks.size());
        for (ChunkArrival chunk : chunks) {
            if (chunk.mayBeWritten()) {
                accepted.add(chunk);
            }
        }
        if (accepted.isEmpty()) {
            return;
        }
        try {
            blob.transit().threads().disk().execute(new ChunkWrites(blob, accepted, sheet, offset));
        } catch (RejectedExecutionException e) {
            accepted.forEach(ChunkArrival::afterWrite);
        }
    }

    @Override
    public void run() {
        for (int begun = 0; begun < chunks.size(); ) {
            int end = endOfRun(begun);
            List<ChunkArrival> run = chunks.subList(begun, end);
            try {
                write(run);
            } finally {
                run.forEach(ChunkArrival::afterWrite);
            }
            begun = end;
        }
    }

    private int endOfRun(int first) {
        int end = first + 1;
        while (sheet != null
                && end < chunks.size()
                && chunks.get(end).chunk() == chunks.get(end - 1).chunk() + 1) {
            end++;
        }
        return end;
    }

    private void write(List<ChunkArrival> run) {
        int first = run.getFirst().chunk();
        if (blob.store().areVerified(first, run.getLast().chunk())) {
            return;
        }
        try {
            blob.store().store(asStored(run));
            run.forEach(ChunkArrival::stored);
        } catch (IOException | RuntimeException e) {
            run.forEach(chunk -> chunk.notStored(String.valueOf(e.getMessage())));
        }
    }

    private StoredRun asStored(List<ChunkArrival> run) {
        List<MemorySegment> bytes = new ArrayList<>(run.size());
        List<@Nullable Digest> digests = new ArrayList<>(run.size());
        for (ChunkArrival chunk : run) {
            bytes.add(chunk.bytes());
            digests.add(chunk.digest());
        }
        long offset = run.getFirst().offset();
        long size = run.getLast().offset() + bytes.getLast().byteSize() - offset;
        MemorySegment whole = sheet == null ? bytes.getFirst() : sheet.asSlice(offset - sheetOffset, size);
        return new StoredRun(run.getFirst().chunk(), offset, whole, bytes, digests);
    }
}
