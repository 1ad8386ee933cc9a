package io.rafsd.fuse.protocol;

import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem.StatFs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes the structures of replies. All sizes and offsets are the kernel's.
 *
 * @see <a href="https://github.com/torvalds/linux/blob/master/include/uapi/linux/fuse.h">linux/fuse.h</a>
 */
public final class Reply {

    /** {@code struct fuse_out_header}: u32 length of all, s32 minus errno, u64 unique. */
    public static final int HEADER_SIZE = 16;

    public static final int ENTRY_SIZE = 128;
    public static final int ATTR_SIZE = 104;
    public static final int OPEN_SIZE = 16;
    public static final int STATFS_SIZE = 80;
    public static final int INIT_SIZE = 64;
    public static final int XATTR_SIZE_SIZE = 8;
    /** A directory entry without its name. */
    public static final int DIRENT_SIZE = 24;

    /** Open flags: nothing of the file is cached. */
    public static final int FOPEN_DIRECT_IO = 1;
    /** Open flags: the file's pages stay cached over opens. */
    public static final int FOPEN_KEEP_CACHE = 2;
    /** Open flags: the directory's listing is cached. */
    public static final int FOPEN_CACHE_DIR = 8;

    /** Seconds that never pass: what nydusd gives, and the kernel takes without overflow. */
    public static final long FOREVER = 1L << 32;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final long ATTR_IN_ENTRY = 40;
    private static final long ATTR_IN_ATTR = 16;

    private Reply() {}

    public static void header(MemorySegment out, long length, int errno, long unique) {
        out.set(U32, 0, (int) length);
        out.set(U32, 4, -errno);
        out.set(U64, 8, unique);
    }

    /** {@code struct fuse_entry_out} of a name that is there. */
    public static void entry(MemorySegment out, long at, long nodeId, Attributes attributes) {
        out.set(U64, at, nodeId);
        out.set(U64, at + 8, attributes.generation);
        out.set(U64, at + 16, FOREVER);
        out.set(U64, at + 24, FOREVER);
        out.set(U64, at + 32, 0);
        attributes(out, at + ATTR_IN_ENTRY, attributes);
    }

    /** {@code struct fuse_entry_out} of a name that is missing, to be remembered as such: node 0. */
    public static void absence(MemorySegment out, long at) {
        out.asSlice(at, ENTRY_SIZE).fill((byte) 0);
        out.set(U64, at + 16, FOREVER);
    }

    /** {@code struct fuse_attr_out}. */
    public static void attr(MemorySegment out, Attributes attributes) {
        out.set(U64, 0, FOREVER);
        out.set(U64, 8, 0);
        attributes(out, ATTR_IN_ATTR, attributes);
    }

    private static void attributes(MemorySegment out, long at, Attributes a) {
        out.set(U64, at, a.ino);
        out.set(U64, at + 8, a.size);
        out.set(U64, at + 16, a.blocks);
        out.set(U64, at + 24, a.mtimeSeconds);
        out.set(U64, at + 32, a.mtimeSeconds);
        out.set(U64, at + 40, a.mtimeSeconds);
        out.set(U32, at + 48, a.mtimeNanos);
        out.set(U32, at + 52, a.mtimeNanos);
        out.set(U32, at + 56, a.mtimeNanos);
        out.set(U32, at + 60, a.mode);
        out.set(U32, at + 64, a.nlink);
        out.set(U32, at + 68, a.uid);
        out.set(U32, at + 72, a.gid);
        out.set(U32, at + 76, a.rdev);
        out.set(U32, at + 80, a.blockSize);
        out.set(U32, at + 84, 0);
    }

    /** {@code struct fuse_open_out} without a handle. */
    public static void open(MemorySegment out, int flags) {
        out.set(U64, 0, 0);
        out.set(U32, 8, flags);
        out.set(U32, 12, 0);
    }

    /** {@code struct fuse_statfs_out} of a full, read-only filesystem. */
    public static void statFs(MemorySegment out, StatFs stat) {
        out.asSlice(0, STATFS_SIZE).fill((byte) 0);
        out.set(U64, 0, stat.blocks());
        out.set(U64, 24, stat.files());
        out.set(U32, 40, 4096);
        out.set(U32, 44, 255);
        out.set(U32, 48, 4096);
    }

    /** {@code struct fuse_getxattr_out}: how long the answer would be. */
    public static void xattrSize(MemorySegment out, int size) {
        out.set(U32, 0, size);
        out.set(U32, 4, 0);
    }

    /** {@code struct fuse_dirent} with its name. @return bytes it takes, a multiple of 8 */
    public static int dirent(MemorySegment out, long at, long ino, long cookie, int type, MemorySegment name) {
        int nameSize = (int) name.byteSize();
        out.set(U64, at, ino);
        out.set(U64, at + 8, cookie);
        out.set(U32, at + 16, nameSize);
        out.set(U32, at + 20, type >>> 12);
        MemorySegment.copy(name, 0, out, at + DIRENT_SIZE, nameSize);
        int size = direntSize(nameSize);
        for (int i = DIRENT_SIZE + nameSize; i < size; i++) {
            out.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0);
        }
        return size;
    }

    /** Bytes of a dirent with a name of this length. */
    public static int direntSize(int nameSize) {
        return (DIRENT_SIZE + nameSize + 7) & -8;
    }

    /** {@code struct fuse_init_out}. */
    public static void init(MemorySegment out, InitFacts facts) {
        out.asSlice(0, INIT_SIZE).fill((byte) 0);
        out.set(U32, 0, InitFacts.MAJOR);
        out.set(U32, 4, facts.minor());
        out.set(U32, 8, facts.maxReadAhead());
        out.set(U32, 12, (int) facts.flags());
        out.set(U16, 16, (short) InitFacts.MAX_BACKGROUND);
        out.set(U16, 18, (short) InitFacts.CONGESTION_THRESHOLD);
        out.set(U32, 20, InitFacts.MAX_WRITE);
        out.set(U32, 24, 1);
        out.set(U16, 28, (short) InitFacts.MAX_PAGES);
        out.set(U32, 32, (int) (facts.flags() >>> 32));
    }
}
