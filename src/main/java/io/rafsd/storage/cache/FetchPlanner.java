package io.rafsd.storage.cache;

import io.rafsd.blob.ByteRange;
import io.rafsd.blob.ChunkTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Decides which ranges to ask of a backend for which chunks. Chunks that lie next to each other in the stored blob are
 * asked for at once, the needed ones first; a pure function of the chunk table.
 */
final class FetchPlanner {

    /** Bytes between two wanted chunks that are cheaper to receive and drop than another request. */
    static final long LARGEST_GAP = 8 << 10;

    /** Stored bytes of one request; larger only if a single chunk is. */
    static final long LARGEST_REQUEST = 4 << 20;

    private FetchPlanner() {}

    /**
     * One request.
     *
     * @param range in the stored blob
     * @param chunks that lie in it and are wanted, by stored offset
     */
    record Fetch(ByteRange range, List<Integer> chunks) {}

    /**
     * Groups chunks into requests.
     *
     * @param missing chunks that are needed, each once
     * @param amplifyBytes uncompressed bytes to add behind the last needed chunk
     * @param claim whether a further chunk is absent and from now on ours
     */
    static List<Fetch> plan(ChunkTable table, List<Integer> missing, long amplifyBytes, IntPredicate claim) {
        List<Integer> sorted = new ArrayList<>(missing);
        sorted.sort((a, b) -> Long.compare(table.compressedOffset(a), table.compressedOffset(b)));
        List<Group> groups = new ArrayList<>();
        for (int chunk : sorted) {
            if (groups.isEmpty() || !groups.getLast().accepts(table, chunk)) {
                groups.add(new Group(table.compressedOffset(chunk)));
            }
            groups.getLast().add(table, chunk);
        }
        if (!groups.isEmpty()) {
            amplify(table, groups.getLast(), amplifyBytes, claim);
        }
        return groups.stream().map(Group::fetch).toList();
    }

    private static void amplify(ChunkTable table, Group group, long amplifyBytes, IntPredicate claim) {
        long left = amplifyBytes;
        for (int chunk = group.chunks.getLast() + 1; chunk < table.chunkCount(); chunk++) {
            left -= table.uncompressedSize(chunk);
            if (left < 0 || !group.accepts(table, chunk) || !claim.test(chunk)) {
                return;
            }
            group.add(table, chunk);
        }
    }

    /** Chunks of one request, while it is put together. */
    private static final class Group {

        private final long start;
        private final List<Integer> chunks = new ArrayList<>();
        private long end;

        Group(long start) {
            this.start = start;
            this.end = start;
        }

        boolean accepts(ChunkTable table, int chunk) {
            long offset = table.compressedOffset(chunk);
            return offset >= end
                    && offset - end <= LARGEST_GAP
                    && offset + table.compressedSize(chunk) - start <= LARGEST_REQUEST;
        }

        void add(ChunkTable table, int chunk) {
            chunks.add(chunk);
            end = table.compressedOffset(chunk) + table.compressedSize(chunk);
        }

        Fetch fetch() {
            return new Fetch(new ByteRange(start, end - start), List.copyOf(chunks));
        }
    }
}
