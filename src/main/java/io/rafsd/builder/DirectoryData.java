package io.rafsd.builder;

import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.Dirents;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The blocks of a directory: its entries with both dots, sorted by the bytes of their names, none across two blocks (RAFS
 * format, section 2.6).
 *
 * @param names sorted
 */
record DirectoryData(List<Name> names) {

    private static final byte[] DOT = ".".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DOTS = "..".getBytes(StandardCharsets.US_ASCII);

    /** A name and what it stands for. */
    static final class Name {

        private final byte[] bytes;
        private final Entry entry;

        private Name(byte[] bytes, Entry entry) {
            this.bytes = bytes;
            this.entry = entry;
        }

        int size() {
            return Dirents.ENTRY_SIZE + bytes.length;
        }
    }

    static DirectoryData of(Entry directory) {
        List<Name> names = new ArrayList<>(directory.children().size() + 2);
        names.add(new Name(DOT, directory));
        names.add(new Name(DOTS, directory.parent()));
        for (Entry child : directory.children()) {
            names.add(new Name(child.name(), child));
        }
        names.sort((a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes));
        return new DirectoryData(names);
    }

    /** Bytes of all blocks. */
    long size() {
        long size = 0;
        for (Name name : names) {
            if (size % Layout.BLOCK + name.size() > Layout.BLOCK) {
                size = Fields.roundUp(size, Layout.BLOCK);
            }
            size += name.size();
        }
        return size;
    }

    /** Where the bytes of one block go. */
    @FunctionalInterface
    interface Blocks {

        MemorySegment block(long number);
    }

    /** Writes the blocks, whose bytes are zero. */
    void write(Blocks blocks, ToLongFunction<Entry> nids) {
        int first = 0;
        for (long number = 0; first < names.size(); number++) {
            int end = first;
            int size = 0;
            while (end < names.size() && size + names.get(end).size() <= Layout.BLOCK) {
                size += names.get(end++).size();
            }
            MemorySegment block = blocks.block(number);
            int nameOffset = (end - first) * Dirents.ENTRY_SIZE;
            for (int i = first; i < end; i++) {
                Name name = names.get(i);
                int mode = name.entry.facts().mode();
                Dirents.encode(block, i - first, nids.applyAsLong(name.entry), mode, name.bytes, nameOffset);
                nameOffset += name.bytes.length;
            }
            first = end;
        }
    }
}
