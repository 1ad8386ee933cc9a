package io.rafsd.builder.tar;

import io.rafsd.rafs.layout.Xattr;
import java.util.List;

/**
 * One member of an archive.
 *
 * @param name its path, raw bytes as Latin text
 * @param kind what it is
 * @param mode permissions
 * @param uid owner
 * @param gid group
 * @param size of a regular file, holes included, bytes
 * @param modifiedSeconds since 1970
 * @param modifiedNanos of that second
 * @param link in the same form: target of a symbolic link, or path of the member that a hard link is another name of; else empty
 * @param major of a device
 * @param minor of a device
 * @param xattrs in the archive's order
 */
public record TarEntry(
        String name,
        Kind kind,
        int mode,
        int uid,
        int gid,
        long size,
        long modifiedSeconds,
        int modifiedNanos,
        String link,
        int major,
        int minor,
        List<Xattr> xattrs) {

    /** What a member is. */
    public enum Kind {
        REGULAR,
        HARD_LINK,
        SYMLINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }
}
