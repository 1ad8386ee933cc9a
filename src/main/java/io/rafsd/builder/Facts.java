package io.rafsd.builder;

import io.rafsd.linux.FileStatus;

/**
 * What an image states of one file.
 *
 * @param mode type and permissions
 * @param uid owner
 * @param gid group
 * @param deviceNumber of a device file, as the kernel packs it into 32 bits; else 0
 * @param size of a regular file, bytes
 * @param modifiedSeconds since 1970
 * @param modifiedNanos of that second
 */
record Facts(int mode, int uid, int gid, int deviceNumber, long size, long modifiedSeconds, int modifiedNanos) {

    static Facts of(FileStatus status) {
        return new Facts(
                status.mode(),
                status.uid(),
                status.gid(),
                status.deviceNumber(),
                status.size(),
                status.modifiedSeconds(),
                status.modifiedNanos());
    }

    /** The type bits of the mode. */
    int type() {
        return mode & FileStatus.TYPE_MASK;
    }

    boolean isRegular() {
        return type() == FileStatus.REGULAR;
    }

    boolean isDirectory() {
        return type() == FileStatus.DIRECTORY;
    }

    boolean isSymlink() {
        return type() == FileStatus.SYMLINK;
    }

    /** The same, but from no particular time. */
    Facts withoutTime() {
        return new Facts(mode, uid, gid, deviceNumber, size, 0, 0);
    }
}
