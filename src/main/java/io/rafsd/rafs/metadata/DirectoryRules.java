package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.v6.Dirents;
import io.rafsd.rafs.layout.v6.Inode;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the entries of a directory have to be before the first is used (RAFS format, section 5.3): legal names in strictly
 * ascending order, both dots that mean what they say, entries that are of the type of their inode, and directories that
 * are entries of no other directory, nor twice of this one. The last rule makes a tree of what could be a circle.
 *
 * @param inodes of the image
 * @param image the whole bootstrap
 * @param blockBits log2 of the block size
 * @param root node number of the root, which is its own parent
 */
record DirectoryRules(InodeArea inodes, MemorySegment image, int blockBits, long root) {

    private static final MemorySegment DOT = name(".");
    private static final MemorySegment DOTS = name("..");

    /**
     * @param nid of the directory, which keeps the rules of its inode
     * @throws InvalidImage with the entry, its place and the rule that it breaks
     */
    void check(long nid, Inode inode) throws InvalidImage {
        new Check(nid, new Directory(new FlatData(image, inode, blockBits))).run();
    }

    /** The one look over one directory. */
    private final class Check {

        private final long nid;
        private final Directory directory;
        private long number;
        private int index;
        private boolean dot;
        private boolean dots;
        private long[] directories = new long[8];
        private int count;

        Check(long nid, Directory directory) {
            this.nid = nid;
            this.directory = directory;
        }

        void run() throws InvalidImage {
            long blocks = directory.data().blocks();
            MemorySegment last = MemorySegment.NULL;
            for (number = 0; number < blocks; number++) {
                try {
                    last = block(directory.block(number), last);
                } catch (InvalidImage e) {
                    throw new InvalidImage(where() + e.getMessage(), e);
                }
            }
            require(dot && dots, "it lacks an entry '.' or '..'");
            Arrays.sort(directories, 0, count);
            for (int i = 1; i < count; i++) {
                require(
                        directories[i] != directories[i - 1],
                        "directory " + directories[i] + " is an entry of it twice");
            }
        }

        /** @return the last name of the block */
        private MemorySegment block(Dirents block, MemorySegment before) throws InvalidImage {
            MemorySegment last = before;
            for (index = 0; index < block.count(); index++) {
                block.checkName(index);
                // The empty name, which no entry has, is before the first.
                if (block.compare(last, index) >= 0) {
                    throw new InvalidImage("directory entry " + index + ": its name is not behind the one before");
                }
                last = block.name(index);
                entry(last, block.nid(index), block.type(index));
            }
            return last;
        }

        private void entry(MemorySegment name, long child, int type) throws InvalidImage {
            Inode inode = inodes.inode(child);
            if (type != (inode.mode() & Attributes.TYPE_MASK)) {
                throw new InvalidImage("directory entry " + index + ": its type is not that of inode " + child);
            }
            if (name.mismatch(DOT) == -1) {
                dot = true;
                requireEntry(child == nid, "'.' is " + child + ", not the directory itself");
            } else if (name.mismatch(DOTS) == -1) {
                dots = true;
                requireEntry(nid != root || child == root, "'..' of the root is " + child + ", not the root");
            } else if (type == Attributes.DIRECTORY) {
                subdirectory(child, inode);
            }
        }

        private void subdirectory(long child, Inode inode) throws InvalidImage {
            requireEntry(child != root && child != nid, "directory " + child + " cannot be below itself");
            long parent = parentOf(inode);
            requireEntry(
                    parent == nid || parent == RafsMetadata.ABSENT,
                    "directory " + child + " has another parent, " + parent);
            if (count == directories.length) {
                directories = Arrays.copyOf(directories, 2 * count);
            }
            directories[count++] = child;
        }

        /** What the directory says; absent if it is broken, for which it is refused itself when it is used. */
        private long parentOf(Inode child) {
            try {
                return new Directory(new FlatData(image, child, blockBits)).child(DOTS);
            } catch (InvalidImage e) {
                return RafsMetadata.ABSENT;
            }
        }

        private void requireEntry(boolean rule, String text) throws InvalidImage {
            if (!rule) {
                throw new InvalidImage("directory entry " + index + ": " + text);
            }
        }

        private void require(boolean rule, String text) throws InvalidImage {
            if (!rule) {
                throw new InvalidImage(where() + text);
            }
        }

        private String where() {
            return "directory " + nid + " at " + directory.data().inode().offset() + ", block " + number + ": ";
        }
    }

    private static MemorySegment name(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)).asReadOnly();
    }
}
