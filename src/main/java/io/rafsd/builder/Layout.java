package io.rafsd.builder;

import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.util.BitSet;

/**
 * Where inodes and the data of directories and links lie, relative to the metadata area: the reference builder's
 * algorithm, step by step, so that images have its layout (RAFS format, section 2.7).
 */
final class Layout {

    static final int BLOCK = 4096;

    private final int chunkSize;
    private final long[] inodes;
    private final long[] data;
    private final long[] sizes;
    private final BitSet inline = new BitSet();
    private final FreeSpace free = new FreeSpace();
    /** The area begins a block before the root, so that no inode has number 0, which readers take for none. */
    private long end = BLOCK;

    private Layout(int entries, int chunkSize) {
        this.chunkSize = chunkSize;
        // Indexed by number, which begins with 1.
        this.inodes = new long[entries + 1];
        this.data = new long[entries + 1];
        this.sizes = new long[entries + 1];
    }

    static Layout of(SourceTree tree, int chunkSize) {
        Layout layout = new Layout(tree.entries().size(), chunkSize);
        for (Entry directory : tree.directories()) {
            layout.placeFlat(directory, DirectoryData.of(directory).size());
            layout.align(Inode.SLOT);
            for (Entry child : directory.children()) {
                if (!child.facts().isDirectory()) {
                    layout.placeOther(child);
                    layout.align(Inode.SLOT);
                }
            }
        }
        return layout;
    }

    /** Offset of the inode of the entry's file. */
    long inode(Entry entry) {
        return inodes[entry.file().number()];
    }

    /** Node number of the entry's file. */
    long nid(Entry entry) {
        return inode(entry) / Inode.SLOT;
    }

    /** Offset of the blocks of a directory or link; of all but the last if that one is {@link #isInline}. */
    long data(Entry entry) {
        return data[entry.number()];
    }

    /** What the inode states as size. */
    long size(Entry entry) {
        return sizes[entry.file().number()];
    }

    /** Whether the last block of a directory or link lies behind its inode. */
    boolean isInline(Entry entry) {
        return inline.get(entry.number());
    }

    /** Bytes of the metadata area. */
    long end() {
        return end;
    }

    /** Bytes of an inode with its extended attributes. */
    static long inodeSize(Entry entry) {
        return Inode.EXTENDED_SIZE + Xattrs.size(entry.xattrs());
    }

    private void placeOther(Entry entry) {
        if (entry.facts().isSymlink()) {
            placeFlat(entry, entry.target().length);
        } else if (entry.facts().isRegular()) {
            if (entry.file() == entry) {
                placeRegular(entry);
            }
        } else {
            inodes[entry.number()] = grow(inodeSize(entry));
        }
    }

    private void placeRegular(Entry entry) {
        long size = entry.facts().size();
        long chunks = size / chunkSize + (size % chunkSize == 0 ? 0 : 1);
        sizes[entry.number()] = size;
        inodes[entry.number()] =
                takeOrGrow(Fields.roundUp(inodeSize(entry), ChunkIndex.SIZE) + chunks * ChunkIndex.SIZE);
    }

    private void placeFlat(Entry entry, long size) {
        int number = entry.number();
        long inode = inodeSize(entry);
        long tail = size % BLOCK;
        sizes[number] = size;
        if (tail != 0 && inode + tail <= BLOCK) {
            inline.set(number);
            long taken = free.take(inode + tail);
            if (taken == 0) {
                if (BLOCK - end % BLOCK < inode + tail) {
                    leaveBlock();
                }
                taken = grow(inode + tail);
            }
            inodes[number] = taken;
            if (size != tail) {
                leaveBlock();
            }
            data[number] = grow(size - tail);
        } else {
            inodes[number] = takeOrGrow(inode);
            leaveBlock();
            data[number] = grow(size);
            align(BLOCK);
        }
    }

    private long takeOrGrow(long size) {
        long taken = free.take(size);
        return taken == 0 ? grow(size) : taken;
    }

    private long grow(long size) {
        long offset = end;
        end += size;
        return offset;
    }

    private void leaveBlock() {
        free.add(end);
        align(BLOCK);
    }

    private void align(long unit) {
        end = Fields.roundUp(end, unit);
    }
}
