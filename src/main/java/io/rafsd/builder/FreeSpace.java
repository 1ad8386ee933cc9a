package io.rafsd.builder;

import io.rafsd.rafs.layout.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The ends of blocks that were left unused, by their size in slots; the oldest of the smallest that fits is used first. */
final class FreeSpace {

    private static final int SLOT = 32;
    private static final int SLOTS = Layout.BLOCK / SLOT;

    private final List<Deque<Long>> blocks = new ArrayList<>();

    FreeSpace() {
        for (int i = 0; i < SLOTS; i++) {
            blocks.add(new ArrayDeque<>());
        }
    }

    /** The rest of the block is free from {@code offset} on. */
    void add(long offset) {
        long used = offset % Layout.BLOCK;
        if (used != 0) {
            blocks.get((int) ((Layout.BLOCK - used) / SLOT)).add(offset - used);
        }
    }

    /** Takes room in a partly used block; 0 if there is none. */
    long take(long size) {
        if (size >= Layout.BLOCK) {
            return 0;
        }
        long taken = Fields.roundUp(size, SLOT);
        for (int slots = (int) (taken / SLOT); slots < SLOTS; slots++) {
            Long block = blocks.get(slots).poll();
            if (block != null) {
                long offset = block + Layout.BLOCK - (long) slots * SLOT;
                add(offset + taken);
                return offset;
            }
        }
        return 0;
    }
}
