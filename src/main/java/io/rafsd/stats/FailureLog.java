package io.rafsd.stats;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The newest failures of backends, in words that hold no secret, bounded in number and bytes. Safe for many threads.
 */
public final class FailureLog {

    public static final int MAX_ENTRIES = 500;
    /** Bytes of all entries. */
    public static final int MAX_BYTES = 51_200;

    private final Deque<String> entries = new ArrayDeque<>();
    private long bytes;

    /** Adds a failure that happened now; drops the oldest ones where room is needed. */
    public synchronized void add(String message) {
        String entry = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + " - " + message;
        int size = size(entry);
        if (size > MAX_BYTES) {
            return;
        }
        entries.add(entry);
        bytes += size;
        while (entries.size() > MAX_ENTRIES || bytes > MAX_BYTES) {
            bytes -= size(entries.remove());
        }
    }

    private static int size(String entry) {
        return entry.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Oldest first. */
    public synchronized List<String> entries() {
        return List.copyOf(entries);
    }

    /** Bytes of all entries. */
    public synchronized long bytes() {
        return bytes;
    }
}
