package io.rafsd.stats;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What the kernel asked of a mount. Safe for many threads. */
public final class FileSystemStats {

    /** Kinds of requests that are told apart. */
    public enum Operation {
        LOOKUP,
        GETATTR,
        READLINK,
        OPEN,
        READ,
        READDIR,
        GETXATTR,
        LISTXATTR,
        STATFS,
        OTHER
    }

    private final Map<Operation, Latency> latency = new EnumMap<>(Operation.class);
    private final Map<Operation, LongAdder> errors = new EnumMap<>(Operation.class);

    /** Bytes handed to readers. */
    public final LongAdder readBytes = new LongAdder();
    /** Requests received and not yet answered. */
    public final LongAdder inFlight = new LongAdder();

    public FileSystemStats() {
        for (Operation operation : Operation.values()) {
            latency.put(operation, new Latency());
            errors.put(operation, new LongAdder());
        }
    }

    /** From receipt to answer. */
    public Latency latency(Operation operation) {
        return Objects.requireNonNull(latency.get(operation));
    }

    /** Answers that carry an errno a reader should not meet (EIO); misses and refused writes do not count. */
    public LongAdder errors(Operation operation) {
        return Objects.requireNonNull(errors.get(operation));
    }
}
