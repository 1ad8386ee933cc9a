package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An array of {@code struct iovec}: address and length, 16 bytes each. One thread at a time. */
public final class Iovecs {

    private static final long SIZE = 16;

    private final MemorySegment entries;

    public Iovecs(Arena arena, int count) {
        entries = arena.allocate(count * SIZE, 8);
    }

    /** The segment must stay alive until it has been written. */
    public void set(int index, MemorySegment bytes, long length) {
        entries.set(ADDRESS, index * SIZE, bytes);
        entries.set(JAVA_LONG, index * SIZE + 8, length);
    }

    public MemorySegment segment() {
        return entries;
    }
}
