package io.rafsd.mount;

import io.rafsd.stats.FileRecords;
import io.rafsd.storage.backend.BackendConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to mount, with all it needs; made from a configuration by {@code app.config}. No secret shows in its text. */
public sealed interface MountSpec {

    /** How the image is cached and read. */
    ImageSettings settings();

    /** The same image, read by the kernel's EROFS at this directory of the host; null: through FUSE. */
    default MountSpec atErofs(@Nullable Path directory) {
        return switch (this) {
            case LocalBootstrap local ->
                new LocalBootstrap(
                        local.bootstrap,
                        local.backend,
                        local.settings.atErofs(directory),
                        local.prefetchFiles,
                        local.config);
            case ByReference named ->
                new ByReference(named.reference, named.registry, named.settings.atErofs(directory));
        };
    }

    /** Whether another asks for the same, however its configuration is written: what a daemon leaves is written anew. */
    default boolean asksTheSameAs(MountSpec other) {
        return withoutText().equals(other.withoutText());
    }

    private MountSpec withoutText() {
        return switch (this) {
            case LocalBootstrap local ->
                new LocalBootstrap(
                        local.bootstrap, local.backend, local.settings, local.prefetchFiles, new ConfigText(""));
            case ByReference named -> named;
        };
    }

    /**
     * An image whose bootstrap is a local file, as nydusd mounts it.
     *
     * @param bootstrap file
     * @param backend where the blobs live
     * @param settings cache and read path
     * @param prefetchFiles absolute paths to warm instead of those that the image lists; empty: those
     * @param config that backend and settings were read from
     */
    record LocalBootstrap(
            Path bootstrap,
            BackendConfig backend,
            ImageSettings settings,
            List<String> prefetchFiles,
            ConfigText config)
            implements MountSpec {}

    /**
     * A configuration as it was given, secrets included, so that it can be told and handed on; never shown as text.
     *
     * @param text empty where there was none
     */
    record ConfigText(String text) {

        @Override
        public String toString() {
            return "ConfigText[***]";
        }
    }

    /**
     * An image in a registry, named by its reference; the blobs come from the same repository.
     *
     * @param reference {@code host/repository[:tag][@digest]}
     * @param registry how to talk to the registry; its host and repository are the reference's
     * @param settings cache and read path
     */
    record ByReference(String reference, BackendConfig.Registry registry, ImageSettings settings)
            implements MountSpec {}

    /**
     * How an image is cached and read.
     *
     * @param cacheDirectory for cache files; null: a private directory that goes with the mount
     * @param readTimeout after which a read that waits for the backend fails with EIO
     * @param amplifyBytes fetched beyond what a reader asked, where the following chunks are absent
     * @param prefetch what is warmed in the background
     * @param records what is recorded of each file that is read
     * @param id by which the caller asks for figures of the cache; empty for none
     * @param erofs directory of the host at which the kernel's EROFS reads the image; null: it is read through FUSE
     */
    record ImageSettings(
            @Nullable Path cacheDirectory,
            Duration readTimeout,
            int amplifyBytes,
            Prefetch prefetch,
            Set<FileRecords.Wish> records,
            String id,
            @Nullable Path erofs) {

        public static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(60);
        public static final int DEFAULT_AMPLIFY_BYTES = 1 << 20;

        /** Of an image that is read through FUSE. */
        public ImageSettings(
                @Nullable Path cacheDirectory,
                Duration readTimeout,
                int amplifyBytes,
                Prefetch prefetch,
                Set<FileRecords.Wish> records,
                String id) {
            this(cacheDirectory, readTimeout, amplifyBytes, prefetch, records, id, null);
        }

        /** What holds where nothing is configured but the directory; null for a private one. */
        public static ImageSettings defaults(@Nullable Path cacheDirectory) {
            return new ImageSettings(
                    cacheDirectory, DEFAULT_READ_TIMEOUT, DEFAULT_AMPLIFY_BYTES, Prefetch.NOTHING, Set.of(), "");
        }

        public ImageSettings with(Prefetch otherPrefetch) {
            return new ImageSettings(cacheDirectory, readTimeout, amplifyBytes, otherPrefetch, records, id, erofs);
        }

        ImageSettings atErofs(@Nullable Path directory) {
            return new ImageSettings(cacheDirectory, readTimeout, amplifyBytes, prefetch, records, id, directory);
        }
    }

    /** What is fetched before anybody reads it. */
    enum Prefetch {
        NOTHING,
        /** What the request lists; where it lists nothing, what the image lists. */
        LISTED,
        /** That first, and then all the rest. */
        EVERYTHING
    }
}
