package io.rafsd.stats;

import io.rafsd.stats.FileSystemStats.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was asked of each file of a mount; only where it is wished for, because it costs memory for every file that is read.
 * Inode numbers are those of the image. Safe for many threads.
 */
public final class FileRecords {

    /** What can be wished for. */
    public enum Wish {
        /** Requests and bytes of each file. */
        COUNTS,
        /** How often each file was read, and when first. */
        PATTERN,
        /** Which files were read since that was last asked. */
        LATEST
    }

    /** Above the number that an image gives an inode stands the index of its mount. */
    private static final long INO = (1L << 56) - 1;

    private final Set<Wish> wishes;
    private final Map<Long, Counts> counts = new ConcurrentHashMap<>();
    private final Map<Long, Pattern> patterns = new ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<Long> latest = new ConcurrentSkipListSet<>();

    public FileRecords(Set<Wish> wishes) {
        this.wishes = Set.copyOf(wishes);
    }

    public boolean keeps(Wish wish) {
        return wishes.contains(wish);
    }

    void answered(Operation operation, long ino) {
        if (keeps(Wish.COUNTS)) {
            of(ino).hits(operation).increment();
        }
    }

    void failed(Operation operation, long ino) {
        if (keeps(Wish.COUNTS)) {
            of(ino).errors(operation).increment();
        }
    }

    void read(long ino, long bytes) {
        answered(Operation.READ, ino);
        if (keeps(Wish.COUNTS)) {
            Counts file = of(ino);
            file.readBytes.add(bytes);
            file.readsOfSize[Sizes.classOf(bytes)].increment();
        }
        if (keeps(Wish.PATTERN)) {
            patterns.computeIfAbsent(ino & INO, _ -> new Pattern(System.currentTimeMillis()))
                    .reads
                    .increment();
        }
        if (keeps(Wish.LATEST)) {
            latest.add(ino & INO);
        }
    }

    private Counts of(long ino) {
        return counts.computeIfAbsent(ino & INO, _ -> new Counts());
    }

    /** By inode number. */
    public Map<Long, Counts> counts() {
        return Map.copyOf(counts);
    }

    /** By inode number, of files that were read. */
    public Map<Long, Pattern> patterns() {
        return Map.copyOf(patterns);
    }

    /** Files read since the last call, as ranges of inode numbers: two numbers for more than one, both inclusive. */
    public List<long[]> takeLatest() {
        List<long[]> ranges = new ArrayList<>();
        for (Long ino = latest.pollFirst(); ino != null; ino = latest.pollFirst()) {
            int last = ranges.size() - 1;
            long[] before = last < 0 ? new long[0] : ranges.get(last);
            if (before.length > 0 && before[before.length - 1] == ino - 1) {
                ranges.set(last, new long[] {before[0], ino});
            } else {
                ranges.add(new long[] {ino});
            }
        }
        return ranges;
    }

    /** Requests for one file. */
    public static final class Counts {

        private final Map<Operation, LongAdder> hits = adders();
        private final Map<Operation, LongAdder> errors = adders();
        private final LongAdder[] readsOfSize = new LongAdder[Sizes.CLASSES];
        private final LongAdder readBytes = new LongAdder();

        Counts() {
            Arrays.setAll(readsOfSize, _ -> new LongAdder());
        }

        private static Map<Operation, LongAdder> adders() {
            Map<Operation, LongAdder> made = new EnumMap<>(Operation.class);
            EnumSet.allOf(Operation.class).forEach(operation -> made.put(operation, new LongAdder()));
            return made;
        }

        public LongAdder hits(Operation operation) {
            return Objects.requireNonNull(hits.get(operation));
        }

        public LongAdder errors(Operation operation) {
            return Objects.requireNonNull(errors.get(operation));
        }

        public long readBytes() {
            return readBytes.sum();
        }

        public long readsOfSize(int sizeClass) {
            return readsOfSize[sizeClass].sum();
        }
    }

    /** How one file was read. */
    public static final class Pattern {

        private final long firstMillis;
        private final LongAdder reads = new LongAdder();

        Pattern(long firstMillis) {
            this.firstMillis = firstMillis;
        }

        public long reads() {
            return reads.sum();
        }

        /** Of the first read, milliseconds since the epoch. */
        public long firstMillis() {
            return firstMillis;
        }
    }
}
