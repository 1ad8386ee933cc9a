package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * One inode: 128 bytes, then its name and its symlink target, each padded to 8, then its xattr table if it has one, then
 * the chunk records of a regular file. A view, valid as long as the bootstrap is.
 *
 * @param image the whole bootstrap
 * @param offset of the inode in it, a multiple of 8
 * @see <a href="https://github.com/dragonflyoss/nydus/blob/master/rafs/src/metadata/layout/v5.rs">RAFS v5 layout</a>
 */
public record Inode(MemorySegment image, long offset) {

    private static final MemoryLayout LAYOUT = structLayout(
            paddingLayout(Digest.SIZE).withName("digest"),
            U64.withName("parent"),
            U64.withName("ino"),
            U32.withName("uid"),
            U32.withName("gid"),
            U32.withName("projid"),
            U32.withName("mode"),
            U64.withName("size"),
            U64.withName("blocks"),
            U64.withName("flags"),
            U32.withName("nlink"),
            U32.withName("childIndex"),
            U32.withName("childCount"),
            U16.withName("nameSize"),
            U16.withName("symlinkSize"),
            U32.withName("rdev"),
            U32.withName("mtimeNanos"),
            U64.withName("mtimeSeconds"),
            paddingLayout(8));
    /** Bytes without name, target, xattrs and chunks. */
    public static final long SIZE = LAYOUT.byteSize();

    /** Flag: the inode is a symlink. */
    public static final long SYMLINK = 0x1;
    /** Flag: an xattr table follows. */
    public static final long XATTR = 0x4;
    /** Flag: the chunks do not cover the file; no builder sets it. */
    public static final long HAS_HOLE = 0x8;

    private static final int FILE_TYPE = 0xF000;
    private static final int REGULAR = 0x8000;

    private static final long PARENT = Fields.offset(LAYOUT, "parent");
    private static final long INO = Fields.offset(LAYOUT, "ino");
    private static final long UID = Fields.offset(LAYOUT, "uid");
    private static final long GID = Fields.offset(LAYOUT, "gid");
    private static final long MODE = Fields.offset(LAYOUT, "mode");
    private static final long FILE_SIZE = Fields.offset(LAYOUT, "size");
    private static final long BLOCKS = Fields.offset(LAYOUT, "blocks");
    private static final long FLAGS = Fields.offset(LAYOUT, "flags");
    private static final long NLINK = Fields.offset(LAYOUT, "nlink");
    private static final long CHILD_INDEX = Fields.offset(LAYOUT, "childIndex");
    private static final long CHILD_COUNT = Fields.offset(LAYOUT, "childCount");
    private static final long NAME_SIZE = Fields.offset(LAYOUT, "nameSize");
    private static final long SYMLINK_SIZE = Fields.offset(LAYOUT, "symlinkSize");
    private static final long RDEV = Fields.offset(LAYOUT, "rdev");
    private static final long MTIME_NANOS = Fields.offset(LAYOUT, "mtimeNanos");
    private static final long MTIME_SECONDS = Fields.offset(LAYOUT, "mtimeSeconds");

    /**
     * The inode there.
     *
     * @throws InvalidImage if it does not lie inside the bootstrap with all that follows it
     */
    public static Inode at(MemorySegment image, long offset) throws InvalidImage {
        Fields.slice(image, offset, SIZE, "inode");
        Inode inode = new Inode(image, offset);
        Fields.slice(image, offset, inode.xattrOffset() - offset, "name and link target of an inode");
        if (inode.hasXattrs()) {
            Xattrs.checkBounds(image, inode.xattrOffset());
        }
        Fields.slice(image, inode.chunkOffset(0), inode.end() - inode.chunkOffset(0), "chunk records of an inode");
        return inode;
    }

    public Digest digest() {
        return Digest.at(image, offset);
    }

    /** Inode number of the directory that holds it; 0 for the root. */
    public long parent() {
        return image.get(U64, offset + PARENT);
    }

    /** Its number; that of the first of them for all names of a hard link. */
    public long ino() {
        return image.get(U64, offset + INO);
    }

    public int uid() {
        return image.get(U32, offset + UID);
    }

    public int gid() {
        return image.get(U32, offset + GID);
    }

    public int mode() {
        return image.get(U32, offset + MODE);
    }

    public long size() {
        return image.get(U64, offset + FILE_SIZE);
    }

    public long flags() {
        return image.get(U64, offset + FLAGS);
    }

    public boolean hasXattrs() {
        return (flags() & XATTR) != 0;
    }

    public int nlink() {
        return image.get(U32, offset + NLINK);
    }

    /** Index of a directory's first child; the others follow it. */
    public long childIndex() {
        return Fields.unsigned(image.get(U32, offset + CHILD_INDEX));
    }

    /** Children of a directory, chunk records of a regular file. */
    public long childCount() {
        return Fields.unsigned(image.get(U32, offset + CHILD_COUNT));
    }

    public int rdev() {
        return image.get(U32, offset + RDEV);
    }

    public int mtimeNanos() {
        return image.get(U32, offset + MTIME_NANOS);
    }

    public long mtimeSeconds() {
        return image.get(U64, offset + MTIME_SECONDS);
    }

    /** Its name, raw bytes; some old builders counted the padding. */
    public MemorySegment name() {
        return unpadded(offset + SIZE, nameSize());
    }

    /** Its link target, raw bytes; empty if it is no symlink. */
    public MemorySegment symlinkTarget() {
        return unpadded(offset + SIZE + Fields.roundUp(nameSize(), 8), symlinkSize());
    }

    private MemorySegment unpadded(long at, int size) {
        int length = size;
        while (length > 0 && image.get(U8, at + length - 1) == 0) {
            length--;
        }
        return image.asSlice(at, length);
    }

    private int nameSize() {
        return Fields.unsigned(image.get(U16, offset + NAME_SIZE));
    }

    private int symlinkSize() {
        return Fields.unsigned(image.get(U16, offset + SYMLINK_SIZE));
    }

    /** Where the xattr table begins, if there is one. */
    public long xattrOffset() {
        return offset + headSize(nameSize(), symlinkSize());
    }

    /** Where a chunk record of a regular file begins. */
    public long chunkOffset(long position) {
        long start = xattrOffset();
        return start + (hasXattrs() ? Xattrs.sizeAt(image, start) : 0) + position * ChunkRecord.SIZE;
    }

    /** First byte behind the inode and all that belongs to it. */
    public long end() {
        return chunkOffset((mode() & FILE_TYPE) == REGULAR ? childCount() : 0);
    }

    /** Bytes from the start of an inode to its xattr table or chunk records. */
    public static long headSize(int nameSize, int symlinkSize) {
        return SIZE + Fields.roundUp(nameSize, 8) + Fields.roundUp(symlinkSize, 8);
    }

    /**
     * Writes an inode with name and target at {@code offset} of {@code image}, whose bytes there are zero; xattr table and
     * chunk records follow at {@link #headSize} from there.
     *
     * @param symlinkTarget empty if it is no symlink
     */
    public static void encode(
            MemorySegment image,
            long offset,
            Digest digest,
            long parent,
            long ino,
            int uid,
            int gid,
            int mode,
            long size,
            long blocks,
            long flags,
            int nlink,
            int childIndex,
            int childCount,
            int rdev,
            long mtimeSeconds,
            int mtimeNanos,
            byte[] name,
            byte[] symlinkTarget) {
        digest.write(image, offset);
        image.set(U64, offset + PARENT, parent);
        image.set(U64, offset + INO, ino);
        image.set(U32, offset + UID, uid);
        image.set(U32, offset + GID, gid);
        image.set(U32, offset + MODE, mode);
        image.set(U64, offset + FILE_SIZE, size);
        image.set(U64, offset + BLOCKS, blocks);
        image.set(U64, offset + FLAGS, flags);
        image.set(U32, offset + NLINK, nlink);
        image.set(U32, offset + CHILD_INDEX, childIndex);
        image.set(U32, offset + CHILD_COUNT, childCount);
        image.set(U16, offset + NAME_SIZE, (short) name.length);
        image.set(U16, offset + SYMLINK_SIZE, (short) symlinkTarget.length);
        image.set(U32, offset + RDEV, rdev);
        image.set(U32, offset + MTIME_NANOS, mtimeNanos);
        image.set(U64, offset + MTIME_SECONDS, mtimeSeconds);
        long at = offset + SIZE;
        MemorySegment.copy(name, 0, image, U8, at, name.length);
        MemorySegment.copy(symlinkTarget, 0, image, U8, at + Fields.roundUp(name.length, 8), symlinkTarget.length);
    }
}
