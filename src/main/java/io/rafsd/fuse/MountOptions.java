package io.rafsd.fuse;

import java.nio.file.Path;

/**
 * How to mount.
 *
 * @param mountPoint an existing directory, absolute, without symbolic links
 * @param threads that read requests
 * @param allowOther let other users than the mounting one in
 * @param noOpen answer OPEN and OPENDIR with ENOSYS so that the kernel stops asking; only where one read-only image is
 *     the whole filesystem
 * @param readAheadKib the kernel's read-ahead, set where we may
 */
public record MountOptions(Path mountPoint, int threads, boolean allowOther, boolean noOpen, int readAheadKib) {

    public static final int DEFAULT_THREADS = 4;
    public static final int DEFAULT_READ_AHEAD_KIB = 1024;

    public MountOptions {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("fuse threads must be 1 to 1024, not " + threads);
        }
    }
}
