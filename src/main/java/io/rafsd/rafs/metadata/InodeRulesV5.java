package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v5.Inode;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Xattrs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * What an inode of a RAFS v5 image has to be before anything of it is used (RAFS format, sections 1.10 and 5.2). Its digest
 * is that of the digests of its chunks or children, or of its link target.
 *
 * @param image the whole bootstrap
 * @param inodes of the image
 * @param chunkSize of the image
 * @param digester of the image
 */
record InodeRulesV5(MemorySegment image, InodeTable inodes, long chunkSize, DigestAlgorithm digester) {

    private static final int MAX_NAME = 255;
    private static final int MAX_SYMLINK = 4096;
    private static final int ROOT = 1;

    /**
     * @param index of the inode, by which it is known
     * @throws InvalidImage with the inode, its place and the rule that it breaks
     */
    void check(int index, Inode inode) throws InvalidImage {
        try {
            require(inode.ino() == index, "it says that it is inode " + Long.toUnsignedString(inode.ino()));
            require(inode.size() >= 0, "its size " + Long.toUnsignedString(inode.size()) + " is too large");
            xattrs(inode);
            Digest digest = switch (inode.mode() & Attributes.TYPE_MASK) {
                case Attributes.REGULAR -> regular(inode);
                case Attributes.DIRECTORY -> directory(index, inode);
                case Attributes.SYMLINK -> symlink(inode);
                case Attributes.FIFO, Attributes.SOCKET, Attributes.CHARACTER_DEVICE, Attributes.BLOCK_DEVICE ->
                    digester.digest(image.asSlice(0, 0));
                default ->
                    throw new InvalidImage("mode 0" + Integer.toOctalString(inode.mode()) + " is of no known type");
            };
            require(
                    digest.equals(inode.digest()),
                    "its digest is " + inode.digest() + ", that of what it holds is " + digest);
        } catch (InvalidImage e) {
            throw new InvalidImage("inode " + index + " at " + inode.offset() + ": " + e.getMessage(), e);
        }
    }

    private Digest regular(Inode inode) throws InvalidImage {
        require((inode.flags() & Inode.HAS_HOLE) == 0, "a file with holes, which no builder makes, is not read");
        long size = inode.size();
        long chunks = size / chunkSize + (size % chunkSize == 0 ? 0 : 1);
        require(
                chunks == inode.childCount(),
                inode.childCount() + " chunks for " + size + " bytes, which take " + chunks);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment digests = arena.allocate(Math.max(1, chunks * Digest.SIZE));
            for (long i = 0; i < chunks; i++) {
                ChunkRecord record = ChunkRecord.at(image, inode.chunkOffset(i));
                require(
                        record.fileOffset() == i * chunkSize
                                && record.uncompressedSize() == Math.min(chunkSize, size - i * chunkSize),
                        "chunk " + i + " has " + record.uncompressedSize() + " bytes at " + record.fileOffset()
                                + " of a file of " + size);
                record.digest().write(digests, i * Digest.SIZE);
            }
            return digester.digest(digests.asSlice(0, chunks * Digest.SIZE));
        }
    }

    private Digest symlink(Inode inode) throws InvalidImage {
        MemorySegment target = inode.symlinkTarget();
        require(
                target.byteSize() >= 1 && target.byteSize() <= MAX_SYMLINK && !holds(target, 0),
                "a link target of " + target.byteSize() + " bytes is not one of 1 to " + MAX_SYMLINK + " without NUL");
        require(
                inode.size() == target.byteSize(),
                "its link target has " + target.byteSize() + " bytes, its size is " + inode.size());
        return digester.digest(target);
    }

    private Digest directory(int index, Inode inode) throws InvalidImage {
        long count = inode.childCount();
        long first = inode.childIndex();
        require(
                count == 0 || first > index && first + count - 1 <= inodes.count(),
                "children " + first + " to " + (first + count - 1) + " are not behind it and before "
                        + (inodes.count() + 1L));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment digests = arena.allocate(Math.max(1, count * Digest.SIZE));
            MemorySegment before = MemorySegment.NULL;
            for (int i = 0; i < count; i++) {
                Inode child = child(index, (int) first + i);
                require(
                        compare(before, child.name()) < 0,
                        "the name of child " + (first + i) + " is not behind that of the one before");
                before = child.name();
                child.digest().write(digests, (long) i * Digest.SIZE);
            }
            return digester.digest(digests.asSlice(0, count * Digest.SIZE));
        }
    }

    private Inode child(int parent, int index) throws InvalidImage {
        Inode child = ChunkScan.inode(image, inodes, index);
        MemorySegment name = child.name();
        require(
                name.byteSize() >= 1
                        && name.byteSize() <= MAX_NAME
                        && !holds(name, 0)
                        && !holds(name, '/')
                        && !isDots(name),
                "child " + index + " has a name that no file can have");
        require(child.parent() == parent, "child " + index + " has another parent, " + child.parent());
        if (child.ino() != index) {
            checkLink(index, child);
        }
        return child;
    }

    /** A further name of a file: what it says of the file is what the file's first name says. */
    private void checkLink(int index, Inode child) throws InvalidImage {
        long ino = child.ino();
        require(
                ino > ROOT && ino < index && (child.mode() & Attributes.TYPE_MASK) == Attributes.REGULAR,
                "child " + index + " is inode " + Long.toUnsignedString(ino)
                        + ": only a regular file has a second name, which comes behind its first");
        Inode file = ChunkScan.inode(image, inodes, (int) ino);
        require(
                (file.mode() & Attributes.TYPE_MASK) == Attributes.REGULAR
                        && file.size() == child.size()
                        && file.digest().equals(child.digest()),
                "child " + index + " is another name of inode " + ino + ", but not of the same file");
    }

    private void xattrs(Inode inode) throws InvalidImage {
        if (!inode.hasXattrs()) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (Xattr xattr : Xattrs.decode(image, inode.xattrOffset())) {
            String name = new String(xattr.name().toArray(U8), StandardCharsets.ISO_8859_1);
            require(names.add(name), "xattr " + name + " is set twice");
        }
    }

    private static boolean isDots(MemorySegment name) {
        return name.get(U8, 0) == '.' && (name.byteSize() == 1 || name.byteSize() == 2 && name.get(U8, 1) == '.');
    }

    private static boolean holds(MemorySegment text, int wanted) {
        for (long i = 0; i < text.byteSize(); i++) {
            if (text.get(U8, i) == wanted) {
                return true;
            }
        }
        return false;
    }

    /** Byte by byte, unsigned. */
    static int compare(MemorySegment a, MemorySegment b) {
        long mismatch = a.mismatch(b);
        if (mismatch < 0) {
            return 0;
        }
        if (mismatch == a.byteSize() || mismatch == b.byteSize()) {
            return Long.compare(a.byteSize(), b.byteSize());
        }
        return Byte.compareUnsigned(a.get(U8, mismatch), b.get(U8, mismatch));
    }

    private static void require(boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage(text);
        }
    }
}
