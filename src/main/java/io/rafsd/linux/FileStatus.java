package io.rafsd.linux;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The attributes of a file of any kind, links not followed.
 *
 * @param device of the file system it lies in, major number in the upper, minor in the lower 32 bits
 * @param inode number
 * @param mode type and permissions
 * @param nlink names it has
 * @param uid owner
 * @param gid group
 * @param deviceNumber of a device file, as the kernel packs it into 32 bits; else 0
 * @param size bytes
 * @param modifiedSeconds since 1970
 * @param modifiedNanos of that second
 */
public record FileStatus(
        long device,
        long inode,
        int mode,
        int nlink,
        int uid,
        int gid,
        int deviceNumber,
        long size,
        long modifiedSeconds,
        int modifiedNanos) {

    /** Bits of {@link #mode} that tell the kind of a file. */
    public static final int TYPE_MASK = 0xF000;

    public static final int REGULAR = 0x8000;
    public static final int DIRECTORY = 0x4000;
    public static final int SYMLINK = 0xA000;

    public static FileStatus of(RawPath path) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, Statx.AT_FDCWD, path.cString(arena), Statx.AT_SYMLINK_NOFOLLOW, path.toString());
        }
    }

    /** As its filesystem says now, whatever the kernel remembers: of a dead one, that it is dead. */
    public static FileStatus fresh(RawPath path) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            int flags = Statx.AT_SYMLINK_NOFOLLOW | Statx.AT_STATX_FORCE_SYNC;
            return ask(arena, Statx.AT_FDCWD, path.cString(arena), flags, path.toString());
        }
    }

    public static FileStatus of(Fd file) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, file.number(), arena.allocateFrom(""), Statx.AT_EMPTY_PATH, file.toString());
        }
    }

    private static FileStatus ask(Arena arena, int directory, MemorySegment path, int flags, String name)
            throws PosixError {
        Statx statx = Statx.ask(arena, directory, path, flags, name);
        return new FileStatus(
                statx.fileSystem(),
                statx.inode(),
                statx.mode(),
                statx.nlink(),
                statx.uid(),
                statx.gid(),
                statx.deviceNumber(),
                statx.size(),
                statx.modifiedSeconds(),
                statx.modifiedNanos());
    }

    public boolean isRegular() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    public boolean isDirectory() {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    public boolean isSymlink() {
        return (mode & TYPE_MASK) == SYMLINK;
    }
}
