package io.rafsd.storage.cache;

import io.rafsd.blob.ByteRange;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
     * @param chunks that lie in it and are wanted, by stored offset; those that are stored together side by side
     */
    record Fetch(ByteRange range, List<Integer> chunks) {}

    /**
     * Groups chunks into requests. What is stored together with a needed chunk comes with it.
     *
     * @param missing chunks that are needed, each once
     * @param amplifyBytes uncompressed bytes to add behind the last needed chunk
     * @param claim whether a further chunk is absent and from now on ours
     */
    static List<Fetch> plan(ChunkTable table, List<Integer> missing, long amplifyBytes, IntPredicate claim) {
        List<Wanted> units = units(table, missing);
        List<Group> groups = new ArrayList<>();
        for (Wanted wanted : units) {
            if (groups.isEmpty() || !groups.getLast().accepts(wanted.unit)) {
                groups.add(new Group(wanted.unit.offset()));
            }
            claimRest(wanted, claim);
            groups.getLast().add(wanted);
        }
        if (!groups.isEmpty()) {
            amplify(table, groups.getLast(), amplifyBytes, claim);
        }
        return groups.stream().map(Group::fetch).toList();
    }

    /** By stored offset. */
    private static List<Wanted> units(ChunkTable table, List<Integer> missing) {
        Map<Integer, Wanted> units = new HashMap<>();
        for (int chunk : missing) {
            StoredUnit unit = table.unit(chunk);
            units.computeIfAbsent(unit.firstChunk(), _ -> new Wanted(unit, new ArrayList<>(1)))
                    .chunks
                    .add(chunk);
        }
        List<Wanted> sorted = new ArrayList<>(units.values());
        sorted.sort(Comparator.comparingLong((Wanted wanted) -> wanted.unit.offset())
                .thenComparingInt(wanted -> wanted.unit.firstChunk()));
        return sorted;
    }

    private static void claimRest(Wanted wanted, IntPredicate claim) {
        if (wanted.unit.isSingle()) {
            return;
        }
        for (int chunk = wanted.unit.firstChunk(); chunk <= wanted.unit.lastChunk(); chunk++) {
            if (!wanted.chunks.contains(chunk) && claim.test(chunk)) {
                wanted.chunks.add(chunk);
            }
        }
    }

    private static void amplify(ChunkTable table, Group group, long amplifyBytes, IntPredicate claim) {
        long left = amplifyBytes;
        for (int next = group.lastChunk + 1; next < table.chunkCount(); next = group.lastChunk + 1) {
            StoredUnit unit = table.unit(next);
            left -= unit.size();
            if (left < 0 || !group.accepts(unit)) {
                return;
            }
            Wanted ahead = new Wanted(unit, new ArrayList<>(1));
            if (unit.isSingle()) {
                if (claim.test(next)) {
                    ahead.chunks.add(next);
                }
            } else {
                claimRest(ahead, claim);
            }
            if (ahead.chunks.isEmpty()) {
                return;
            }
            group.add(ahead);
        }
    }

    /** A piece of the stored blob, and the chunks that are wanted of it. */
    private record Wanted(StoredUnit unit, List<Integer> chunks) {}

    /** Chunks of one request, while it is put together. */
    private static final class Group {

        private final long start;
        private final List<Integer> chunks = new ArrayList<>();
        private long end;
        private int lastChunk;

        Group(long start) {
            this.start = start;
            this.end = start;
        }

        boolean accepts(StoredUnit unit) {
            return unit.offset() >= end && unit.offset() - end <= LARGEST_GAP && unit.end() - start <= LARGEST_REQUEST;
        }

        void add(Wanted wanted) {
            chunks.addAll(wanted.chunks);
            end = wanted.unit.end();
            lastChunk = wanted.unit.lastChunk();
        }

        Fetch fetch() {
            return new Fetch(new ByteRange(start, end - start), List.copyOf(chunks));
        }
    }
}
