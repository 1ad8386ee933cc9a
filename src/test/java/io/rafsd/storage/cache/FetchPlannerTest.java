package io.rafsd.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.blob.ByteRange;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.Encoding;
import io.rafsd.blob.StoredUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FetchPlannerTest {

    private static final int KIB = 1 << 10;

    @Test
    void nothingMissingAsksNothing() {
        assertThat(FetchPlanner.plan(evenly(4, 10), List.of(), 1 << 20, chunk -> true))
                .isEmpty();
    }

    @Test
    void neighboursAreAskedForAtOnceInStoredOrder() {
        assertThat(FetchPlanner.plan(evenly(8, 10), List.of(3, 1, 2), 0, chunk -> true))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(10, 30), List.of(1, 2, 3)));
    }

    @Test
    void smallGapIsBridgedAndALargeOneIsNot() {
        ChunkTable table = new Stored(
                new long[] {0, 100 + FetchPlanner.LARGEST_GAP, 200 + 2 * FetchPlanner.LARGEST_GAP + 1},
                new int[] {100, 100, 100});
        assertThat(FetchPlanner.plan(table, List.of(0, 1, 2), 0, chunk -> true))
                .containsExactly(
                        new FetchPlanner.Fetch(new ByteRange(0, 200 + FetchPlanner.LARGEST_GAP), List.of(0, 1)),
                        new FetchPlanner.Fetch(new ByteRange(200 + 2 * FetchPlanner.LARGEST_GAP + 1, 100), List.of(2)));
    }

    @Test
    void aRequestIsNoLargerThanItMayBe() {
        List<FetchPlanner.Fetch> plan =
                FetchPlanner.plan(evenly(10, 1024 * KIB), List.of(0, 1, 2, 3, 4, 5), 0, chunk -> true);
        assertThat(plan).extracting(FetchPlanner.Fetch::chunks).containsExactly(List.of(0, 1, 2, 3), List.of(4, 5));
    }

    @Test
    void aChunkLargerThanARequestIsAskedForAlone() {
        assertThat(FetchPlanner.plan(evenly(3, 16 * 1024 * KIB), List.of(0, 1), 1 << 30, chunk -> true))
                .extracting(FetchPlanner.Fetch::chunks)
                .containsExactly(List.of(0), List.of(1));
    }

    @Test
    void followingChunksAreAddedBehindTheNeededOnesUpToTheLimit() {
        assertThat(FetchPlanner.plan(evenly(10, 10), List.of(2), 39, chunk -> true))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(20, 40), List.of(2, 3, 4, 5)));
    }

    @Test
    void addingStopsAtAChunkThatIsNotOurs() {
        List<Integer> asked = new ArrayList<>();
        assertThat(FetchPlanner.plan(evenly(10, 10), List.of(2), 1000, chunk -> {
                    asked.add(chunk);
                    return chunk != 4;
                }))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(20, 20), List.of(2, 3)));
        // A chunk is claimed only if it is taken: claims that are not used would never end.
        assertThat(asked).containsExactly(3, 4);
    }

    @Test
    void overlappingChunksAreNotReadFromOneStream() {
        ChunkTable table = new Stored(new long[] {0, 50}, new int[] {100, 100});
        assertThat(FetchPlanner.plan(table, List.of(0, 1), 0, chunk -> true)).hasSize(2);
    }

    @Test
    void whatIsStoredTogetherComesTogetherAndIsClaimedOnce() {
        ChunkTable table = new Together(evenly(12, 10), 4);
        List<Integer> asked = new ArrayList<>();
        assertThat(FetchPlanner.plan(table, List.of(6, 5, 9), 0, chunk -> {
                    asked.add(chunk);
                    return chunk != 4;
                }))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(40, 80), List.of(6, 5, 7, 9, 8, 10, 11)));
        assertThat(asked).containsExactly(4, 7, 8, 10, 11);
    }

    @Test
    void whatIsAddedIsAddedWithAllThatIsStoredTogether() {
        ChunkTable table = new Together(evenly(12, 10), 4);
        assertThat(FetchPlanner.plan(table, List.of(0), 40, chunk -> true))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(0, 80), List.of(0, 1, 2, 3, 4, 5, 6, 7)));
        assertThat(FetchPlanner.plan(table, List.of(0), 39, chunk -> true))
                .containsExactly(new FetchPlanner.Fetch(new ByteRange(0, 40), List.of(0, 1, 2, 3)));
    }

    /** Every so many chunks of another table are stored as one piece. */
    private record Together(ChunkTable single, int many) implements ChunkTable {

        @Override
        public int chunkCount() {
            return single.chunkCount();
        }

        @Override
        public long uncompressedOffset(int chunk) {
            return single.uncompressedOffset(chunk);
        }

        @Override
        public int uncompressedSize(int chunk) {
            return single.uncompressedSize(chunk);
        }

        @Override
        public StoredUnit unit(int chunk) {
            int first = chunk - chunk % many;
            StoredUnit start = single.unit(first);
            int size = many * start.size();
            return new StoredUnit(first, first + many - 1, start.offset(), size, size, new Encoding.Raw());
        }

        @Override
        public int offsetInUnit(int chunk) {
            return chunk % many * single.uncompressedSize(chunk);
        }
    }

    private static ChunkTable evenly(int chunks, int size) {
        long[] offsets = new long[chunks];
        int[] sizes = new int[chunks];
        for (int i = 0; i < chunks; i++) {
            offsets[i] = (long) i * size;
            sizes[i] = size;
        }
        return new Stored(offsets, sizes);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(long[] offsets, int[] sizes) implements ChunkTable {

        @Override
        public int chunkCount() {
            return sizes.length;
        }

        @Override
        public long uncompressedOffset(int chunk) {
            return offsets[chunk];
        }

        @Override
        public int uncompressedSize(int chunk) {
            return sizes[chunk];
        }

        @Override
        public StoredUnit unit(int chunk) {
            return new StoredUnit(chunk, chunk, offsets[chunk], sizes[chunk], sizes[chunk], new Encoding.Raw());
        }

        @Override
        public int offsetInUnit(int chunk) {
            return 0;
        }
    }
}
