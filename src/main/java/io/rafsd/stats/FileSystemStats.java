package io.rafsd.stats;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel asked: of the whole daemon, or of one mount. What a mount counts is counted for the daemon as well, so the
 * two never tell different stories. Safe for many threads.
 */
public final class FileSystemStats {

    /** Kinds of requests that are told apart. */
    public enum Operation {
        LOOKUP,
        GETATTR,
        READLINK,
        OPEN,
        READ,
        READDIR,
        READDIRPLUS,
        GETXATTR,
        LISTXATTR,
        STATFS,
        OTHER
    }

    private final @Nullable FileSystemStats all;
    private final @Nullable FileRecords files;
    private final Map<Operation, Latency> latency = new EnumMap<>(Operation.class);
    private final Map<Operation, LongAdder> errors = new EnumMap<>(Operation.class);
    private final LongAdder[] readsOfSize = new LongAdder[Sizes.CLASSES];

    /** Bytes handed to readers. */
    public final LongAdder readBytes = new LongAdder();
    /** Requests received and not yet answered; counted for the daemon only. */
    public final LongAdder inFlight = new LongAdder();

    /** Of a daemon. */
    public FileSystemStats() {
        this(null, null);
    }

    private FileSystemStats(@Nullable FileSystemStats all, @Nullable FileRecords files) {
        this.all = all;
        this.files = files;
        for (Operation operation : Operation.values()) {
            latency.put(operation, new Latency());
            errors.put(operation, new LongAdder());
        }
        Arrays.setAll(readsOfSize, _ -> new LongAdder());
    }

    /**
     * Of one mount of this daemon.
     *
     * @param files what is recorded of each file; null for nothing
     */
    public FileSystemStats ofMount(@Nullable FileRecords files) {
        return new FileSystemStats(this, files);
    }

    /** Counts a request that was answered, whatever the answer. */
    public void answered(Operation operation, long ino, long nanos) {
        latency(operation).record(nanos);
        if (files != null) {
            files.answered(operation, ino);
        }
        if (all != null) {
            all.answered(operation, ino, nanos);
        }
    }

    /** Counts a read that was answered with {@code bytes}, 0 if it failed. */
    public void read(long ino, long bytes, long nanos) {
        readBytes.add(bytes);
        readsOfSize[Sizes.classOf(bytes)].increment();
        latency(Operation.READ).record(nanos);
        if (files != null) {
            files.read(ino, bytes);
        }
        if (all != null) {
            all.read(ino, bytes, nanos);
        }
    }

    /** Counts an answer that carries an errno a reader should not meet (EIO); misses and refused writes do not count. */
    public void failed(Operation operation, long ino) {
        errors(operation).increment();
        if (files != null) {
            files.failed(operation, ino);
        }
        if (all != null) {
            all.failed(operation, ino);
        }
    }

    /** From receipt to answer. */
    public Latency latency(Operation operation) {
        return Objects.requireNonNull(latency.get(operation));
    }

    /** See {@link #failed}. */
    public LongAdder errors(Operation operation) {
        return Objects.requireNonNull(errors.get(operation));
    }

    /** Reads whose answer is of one class of {@link Sizes}. */
    public long readsOfSize(int sizeClass) {
        return readsOfSize[sizeClass].sum();
    }

    /** What is recorded of each file; null for nothing. */
    public @Nullable FileRecords files() {
        return files;
    }
}
