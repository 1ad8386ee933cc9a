package io.rafsd.builder;

import io.rafsd.codec.IndexedGzip;
import io.rafsd.error.InvalidRequest;
import io.rafsd.storage.blobmeta.ChunkEntry;
import io.rafsd.storage.blobmeta.ZranContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The windows of a gzip file that the chunks of an image are inflated from (RAFS format, section 3.6): only those that a
 * chunk needs, each no longer than its chunks. For one thread.
 */
final class LayerWindows {

    private final List<IndexedGzip.Checkpoint> starts = new ArrayList<>();
    private final List<LayerPlace> ends = new ArrayList<>();
    private long dictionaries;

    /**
     * Lets the windows reach a chunk, which lies behind those before it.
     *
     * @return what the chunk table says of the chunk: the window, and where in it
     */
    long reach(LayerPlace chunk, IndexedGzip.Checkpoint window) throws InvalidRequest {
        if (starts.isEmpty() || starts.getLast().offset() != window.offset()) {
            starts.add(window);
            ends.add(chunk);
            dictionaries += window.window().dictionary().byteSize();
        } else {
            ends.set(ends.size() - 1, chunk);
        }
        long size = chunk.contentReach() - window.contentOffset();
        if (size > ZranContext.MAX_SIZE || chunk.reach() - window.offset() > ZranContext.MAX_SIZE) {
            throw new InvalidRequest("the gzip file cannot be entered for " + size + " bytes of content from "
                    + window.contentOffset() + " on, more than the " + ZranContext.MAX_SIZE
                    + " that readers inflate at once; build with --type targz-rafs, which copies the content");
        }
        return ChunkEntry.detail(starts.size() - 1, (int) (chunk.contentOffset() - window.contentOffset()));
    }

    int count() {
        return starts.size();
    }

    /** Bytes of contexts and dictionaries. */
    long size() {
        return starts.size() * ZranContext.SIZE + dictionaries;
    }

    /** Writes contexts and dictionaries to {@link #size} zero bytes. */
    void encode(MemorySegment target) {
        MemorySegment behind = target.asSlice(starts.size() * ZranContext.SIZE);
        long at = 0;
        for (int i = 0; i < starts.size(); i++) {
            IndexedGzip.Checkpoint start = starts.get(i);
            MemorySegment dictionary = start.window().dictionary();
            new ZranContext(
                            start.offset(),
                            start.contentOffset(),
                            at,
                            (int) (ends.get(i).reach() - start.offset()),
                            (int) (ends.get(i).contentReach() - start.contentOffset()),
                            (int) dictionary.byteSize(),
                            start.window().previous(),
                            start.window().bits())
                    .encode(target, i);
            MemorySegment.copy(dictionary, 0, behind, at, dictionary.byteSize());
            at += dictionary.byteSize();
        }
    }
}
