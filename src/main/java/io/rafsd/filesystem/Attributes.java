package io.rafsd.filesystem;

/**
 * What {@code stat} shows of an inode. A mutable holder that a transport's worker reuses for every request, so that
 * answering allocates nothing; confined to that worker.
 */
public final class Attributes {

    /** Inode number as readers see it; also the number that operations name the inode by. */
    public long ino;
    /** Type and permission bits. */
    public int mode;

    public int nlink;
    public int uid;
    public int gid;
    /** Device number in the kernel's 32-bit encoding, 0 for all but device files. */
    public int rdev;
    /** Bytes. */
    public long size;
    /** Units of 512 bytes. */
    public long blocks;

    public int blockSize = 4096;
    public long mtimeSeconds;
    public int mtimeNanos;
    /** Tells an inode from an earlier one with the same number; 0 where numbers are never reused. */
    public long generation;

    /** Type bits of {@link #mode}. */
    public static final int TYPE_MASK = 0xF000;

    public static final int FIFO = 0x1000;
    public static final int CHARACTER_DEVICE = 0x2000;
    public static final int DIRECTORY = 0x4000;
    public static final int BLOCK_DEVICE = 0x6000;
    public static final int REGULAR = 0x8000;
    public static final int SYMLINK = 0xA000;
    public static final int SOCKET = 0xC000;

    public boolean isDirectory() {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    public boolean isRegular() {
        return (mode & TYPE_MASK) == REGULAR;
    }
}
