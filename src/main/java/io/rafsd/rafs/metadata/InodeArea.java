package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Superblock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the inodes of a RAFS v6 bootstrap may lie: in the gap between its tables that holds the root.
 *
 * @param image the bootstrap up to the end of the gap
 * @param base byte that node number 0 stands for
 * @param start first byte of the gap
 * @param end first byte behind the gap
 */
record InodeArea(MemorySegment image, long base, long start, long end) {

    /** A part of the bootstrap that holds no inodes. */
    private record Table(String name, long start, long end) {}

    /**
     * @throws InvalidImage if two tables overlap, or the root lies in one; the tables' own bounds have been checked
     */
    static InodeArea of(MemorySegment image, Superblock superblock, ExtendedSuperblock extended) throws InvalidImage {
        long base = superblock.metaBlock() << superblock.blockBits();
        long root = base + superblock.rootNid() * Inode.SLOT;
        long start = 0;
        long end = image.byteSize();
        Table before = new Table("start", 0, 0);
        for (Table table : tables(superblock, extended)) {
            if (table.start < before.end) {
                throw new InvalidImage("the " + table.name + " at " + table.start + " overlaps the " + before.name
                        + ", which ends at " + before.end);
            }
            if (table.end <= root) {
                start = table.end;
            } else if (table.start <= root) {
                throw new InvalidImage("the root inode at " + root + " lies in the " + table.name);
            } else {
                end = Math.min(end, table.start);
            }
            before = table;
        }
        return new InodeArea(image.asSlice(0, end), base, start, end);
    }

    private static List<Table> tables(Superblock superblock, ExtendedSuperblock extended) {
        List<Table> tables = new ArrayList<>();
        long slots = DeviceSlot.OFFSET + superblock.devices() * DeviceSlot.SIZE;
        tables.add(new Table("superblock", 0, DeviceSlot.OFFSET));
        add(tables, "device table", DeviceSlot.OFFSET, slots - DeviceSlot.OFFSET);
        add(tables, "blob table", extended.blobTableOffset(), superblock.devices() * BlobEntry.SIZE);
        add(tables, "chunk table", extended.chunkTableOffset(), extended.chunkTableSize());
        if (extended.prefetchTableOffset() != 0) {
            add(tables, "prefetch table", extended.prefetchTableOffset(), extended.prefetchTableSize());
        }
        tables.sort(Comparator.comparingLong(Table::start));
        return tables;
    }

    private static void add(List<Table> tables, String name, long offset, long size) {
        if (size > 0) {
            tables.add(new Table(name, offset, offset + size));
        }
    }

    /** Node numbers from here on name nothing. */
    long limit() {
        return Math.max(0, (end - base) / Inode.SLOT);
    }

    /**
     * The inode with this number; only its place and its format are checked.
     *
     * @throws InvalidImage if it lies elsewhere
     */
    Inode inode(long nid) throws InvalidImage {
        // Compared before it is multiplied: numbers come from the image and may be anything.
        if (nid <= 0 || nid >= limit() || base + nid * Inode.SLOT < start) {
            throw new InvalidImage("inode number " + Long.toUnsignedString(nid)
                    + " lies outside of the inodes, which are at " + start + " to " + end);
        }
        return Inode.at(image, base + nid * Inode.SLOT);
    }
}
