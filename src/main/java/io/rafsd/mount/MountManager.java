package io.rafsd.mount;

import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.vfs.Layout;
import io.rafsd.rafs.layout.SuperblockFacts;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.CacheStats;
import io.rafsd.stats.FailureLog;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mounts images into the one filesystem that the transport serves, unmounts and lists them. Safe for many threads. */
public interface MountManager extends AutoCloseable {

    /** The filesystem that shows all mounts, each at its path. */
    FileSystem root();

    /**
     * Mounts at {@code path}, an absolute path inside {@link #root}; "/" for the whole of it. For an image that the kernel's
     * EROFS reads it is the directory of this host. The same spec once more at the same path changes nothing.
     *
     * @throws io.rafsd.error.AlreadyExists if something else is mounted there, above or below
     */
    void mount(String path, MountSpec spec) throws IOException;

    /**
     * Puts another image in the place of the one at {@code path}; files that are open stay open where both images have
     * them.
     *
     * @throws io.rafsd.error.NotFound if nothing is mounted there
     */
    void remount(String path, MountSpec spec) throws IOException;

    /** @throws io.rafsd.error.NotFound if nothing is mounted there */
    void unmount(String path) throws IOException;

    /** The numbers by which mounts are shown. */
    Layout layout();

    /**
     * Mounts images by the numbers of a predecessor; what is mounted now gives way. All or nothing: after a failure
     * nothing is mounted. Nothing is fetched in advance before {@link #warmUp}.
     *
     * @param images by path, one for each place of the layout
     */
    void restore(Layout layout, Map<String, MountSpec> images) throws IOException;

    /** Begins to warm what was restored, which waits until it is served. */
    void warmUp();

    /** Runs {@code told} after each change of what is mounted; further ones wait for it. */
    void onChange(Runnable told);

    /** Runs that as if something had changed. */
    void announce();

    /**
     * Tells where {@link #root} is served from now on; null: it is not. Only while it is can the kernel's EROFS be mounted
     * and unmounted, because it reads from there.
     */
    void served(@Nullable Path directory);

    /** Unmounts what the kernel's EROFS reads, lazily if in use; to be done while {@link #root} is still served. */
    void detach();

    /** Images that are held without being mounted. */
    BlobCacheMgr blobs();

    /** What is mounted, in the order of mounting. */
    List<MountInfo> mounts();

    /** Requests to all mounts. */
    FileSystemStats fileSystemStats();

    /** What may be changed while a mount serves. */
    HotSettings hotSettings();

    /** The newest failures of the backends of all mounts. */
    FailureLog failures();

    /** Unmounts all, but for mounts of the kernel's EROFS, which may be somebody else's by now. */
    @Override
    void close();

    /**
     * One mounted image.
     *
     * @param path where
     * @param spec what
     * @param mountedAt when
     * @param imageBytes uncompressed bytes of all blobs
     * @param blobs ids of its blobs
     * @param cacheStats of its blobs
     * @param backendStats of its backend
     * @param fileSystemStats of requests to it
     * @param facts of its superblock
     * @param cacheDirectory that holds its cache files
     * @param bootstrap file that the image was read from
     * @param place path inside {@link #root}: that one, or where the blob files of an EROFS mount are served
     */
    record MountInfo(
            String path,
            MountSpec spec,
            Instant mountedAt,
            long imageBytes,
            List<String> blobs,
            CacheStats cacheStats,
            BackendStats backendStats,
            FileSystemStats fileSystemStats,
            SuperblockFacts facts,
            Path cacheDirectory,
            Path bootstrap,
            String place) {}
}
