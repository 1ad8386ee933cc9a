package io.rafsd.mount;

import io.rafsd.erofs.ErofsMount;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.mount.MountManager.MountInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mounted image with its parts.
 *
 * @param info what is told about it
 * @param kernel its mount by the kernel's EROFS, whose blob files {@code fileSystem} holds; null: it is read through FUSE
 * @param fileSystem that answers for it
 * @param warmer starts what is fetched in advance
 * @param parts to be closed after the filesystem, last opened first
 */
record MountedImage(
        MountInfo info, @Nullable ErofsMount kernel, FileSystem fileSystem, Runnable warmer, List<AutoCloseable> parts)
        implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(MountedImage.class);

    /** What a person calls it. */
    String source() {
        return switch (info.spec()) {
            case MountSpec.LocalBootstrap local -> local.bootstrap().toString();
            case MountSpec.ByReference named -> named.reference();
        };
    }

    void warmUp() {
        warmer.run();
    }

    /** Waits for calls that are inside; every part is closed whatever the others do. */
    @Override
    public void close() {
        fileSystem.close();
        closeAll(parts);
    }

    /** Closes the last first. */
    static void closeAll(List<AutoCloseable> parts) {
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                log.atWarn().setCause(e).log("part of an image could not be closed: {}", part);
            }
        }
    }
}
