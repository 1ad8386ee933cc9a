package io.rafsd.mount;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.erofs.BlobFiles;
import io.rafsd.erofs.ErofsMount;
import io.rafsd.error.InvalidRequest;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.vfs.Vfs;
import io.rafsd.image.ImageResolver.ResolvedImage;
import io.rafsd.image.RegistryImageResolver;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.oci.ImageReference;
import io.rafsd.rafs.fs.RafsFileSystem;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.CacheStats;
import io.rafsd.stats.FailureLog;
import io.rafsd.stats.FileRecords;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.storage.backend.Backend;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.CountingBlobReader;
import io.rafsd.storage.backend.ReadCause;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.RetryingBlobReader;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.backend.registry.RegistryBackend;
import io.rafsd.storage.cache.BlobCache;
import io.rafsd.storage.cache.BlobCacheLease;
import io.rafsd.storage.cache.BlobCacheManager;
import io.rafsd.storage.cache.BlobSource;
import io.rafsd.storage.cache.ChunkTableSource;
import io.rafsd.storage.credentials.CredentialSource;
import io.rafsd.storage.device.BlobDevice;
import io.rafsd.storage.device.ImageDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts the parts of an image together: bootstrap, backend, cache, device, filesystem. Here and only here is chosen among
 * kinds of backends. Safe for many threads.
 */
public final class ImageAssembly {

    /** Long enough for the whole of an image over a slow line. */
    private static final Duration PREFETCH_PATIENCE = Duration.ofHours(6);

    private final BlobCacheManager caches;
    private final HttpTransport http;
    private final CredentialSource credentials;
    private final Path stateDirectory;
    private final boolean erofsPageCache;
    private final FileSystemStats stats = new FileSystemStats();
    private final FailureLog failures = new FailureLog();
    private final HotSettings hot = new HotSettings();

    /**
     * @param caches of this process
     * @param http of this process
     * @param credentials for registries
     * @param stateDirectory for bootstraps and for caches that have no directory of their own
     * @param erofsPageCache whether the files that the kernel's EROFS reads are cached beside its own cache
     */
    public ImageAssembly(
            BlobCacheManager caches,
            HttpTransport http,
            CredentialSource credentials,
            Path stateDirectory,
            boolean erofsPageCache) {
        this.caches = caches;
        this.http = http;
        this.credentials = credentials;
        this.stateDirectory = stateDirectory;
        this.erofsPageCache = erofsPageCache;
    }

    MountedImage assemble(String path, MountSpec spec, Instant now) throws IOException {
        return switch (spec) {
            case MountSpec.LocalBootstrap local -> {
                requireAbsolute(local.prefetchFiles());
                yield assemble(path, spec, local.bootstrap(), local.backend(), local.settings(), now);
            }
            case MountSpec.ByReference named -> {
                ImageReference reference = ImageReference.parse(named.reference());
                BackendConfig.Registry registry = named.registry().at(reference.host(), reference.repository());
                ResolvedImage resolved = new RegistryImageResolver(
                                registry.withoutAuth(), http, credentials(path, registry))
                        .resolve(reference, stateDirectory.resolve("bootstraps"));
                yield assemble(path, spec, resolved.bootstrap(), registry, named.settings(), now);
            }
        };
    }

    private MountedImage assemble(
            String path, MountSpec spec, Path bootstrap, BackendConfig config, ImageSettings settings, Instant now)
            throws IOException {
        List<AutoCloseable> parts = new ArrayList<>();
        try {
            RafsMetadata metadata = RafsMetadata.open(bootstrap);
            CacheStats cacheStats = new CacheStats();
            BackendStats backendStats = new BackendStats(failures);
            Backend backend = backend(path, config);
            parts.add(backend);
            Path directory = cacheDirectory(settings, parts);
            List<BlobCache> blobs = new ArrayList<>();
            for (BlobInfo blob : metadata.blobs()) {
                BlobReader reader = reader(backend, blob.id(), config, backendStats);
                ChunkTable listed = metadata.chunkTable(blob.index());
                BlobCacheLease lease = caches.acquire(new BlobSource(
                        blob,
                        metadata.chunkDigests(blob.index()),
                        listed == null
                                ? new ChunkTableSource.Blob(reader(backend, blob.tableBlob(), config, backendStats))
                                : new ChunkTableSource.Bootstrap(listed),
                        reader,
                        directory,
                        settings.amplifyBytes(),
                        cacheStats));
                parts.add(lease);
                blobs.add(lease.cache());
            }
            Path erofs = settings.erofs();
            ErofsMount kernel = erofs == null ? null : new ErofsMount(stateDirectory, erofs, metadata);
            BlobDevice device = new ImageDevice(blobs);
            FileSystem fileSystem = erofs == null
                    ? new RafsFileSystem(metadata, device, settings.readTimeout())
                    : new BlobFiles(metadata, device, settings.readTimeout(), erofsPageCache);
            MountInfo info = new MountInfo(
                    path,
                    spec,
                    now,
                    metadata.blobs().stream()
                            .mapToLong(BlobInfo::uncompressedSize)
                            .sum(),
                    metadata.blobs().stream().map(b -> b.id().value()).toList(),
                    cacheStats,
                    backendStats,
                    stats.ofMount(records(settings)),
                    metadata.facts(),
                    directory,
                    bootstrap,
                    erofs == null ? path : "/" + Vfs.HIDDEN_PREFIX + ErofsMount.servedName(erofs));
            return new MountedImage(
                    info,
                    kernel,
                    new DrainingFileSystem(fileSystem),
                    () -> warm(metadata, blobs, settings.prefetch(), files(spec)),
                    List.copyOf(parts));
        } catch (IOException | RuntimeException e) {
            MountedImage.closeAll(parts);
            throw e;
        }
    }

    private static @Nullable FileRecords records(ImageSettings settings) {
        return settings.records().isEmpty() ? null : new FileRecords(settings.records());
    }

    /** Of all that it puts together. */
    FileSystemStats fileSystemStats() {
        return stats;
    }

    HotSettings hotSettings() {
        return hot;
    }

    /** Of the backends of all that it puts together. */
    FailureLog failures() {
        return failures;
    }

    private Backend backend(String path, BackendConfig config) {
        return switch (config) {
            case BackendConfig.LocalFs local -> new LocalFsBackend(local);
            case BackendConfig.Registry registry ->
                new RegistryBackend(registry.withoutAuth(), http, credentials(path, registry));
        };
    }

    /** What is set for the mount while it serves; before that, what its configuration says. */
    private CredentialSource credentials(String path, BackendConfig.Registry registry) {
        String auth = registry.auth();
        hot.configure(path, auth == null ? Map.of() : Map.of(HotSettings.REGISTRY_AUTH, auth));
        return hot.credentials(path, credentials);
    }

    private static BlobReader reader(Backend backend, BlobId blob, BackendConfig config, BackendStats stats)
            throws IOException {
        return new RetryingBlobReader(new CountingBlobReader(backend.blob(blob), stats), retries(config), stats);
    }

    private static int retries(BackendConfig config) {
        return switch (config) {
            // A file that cannot be read will not be read a moment later.
            case BackendConfig.LocalFs _ -> 0;
            case BackendConfig.Registry registry -> registry.http().retryLimit();
        };
    }

    /** The configured directory, or a private one that goes with the mount. */
    private Path cacheDirectory(ImageSettings settings, List<AutoCloseable> parts) throws IOException {
        Path configured = settings.cacheDirectory();
        if (configured != null) {
            return configured;
        }
        Files.createDirectories(stateDirectory);
        Path made = Files.createTempDirectory(stateDirectory, "cache-");
        parts.add(new TemporaryDirectory(made));
        return made;
    }

    private static List<String> files(MountSpec spec) {
        return switch (spec) {
            case MountSpec.LocalBootstrap local -> local.prefetchFiles();
            case MountSpec.ByReference _ -> List.of();
        };
    }

    private static void requireAbsolute(List<String> files) throws InvalidRequest {
        for (String file : files) {
            if (!file.startsWith("/")) {
                throw new InvalidRequest("prefetch file '" + file + "' is no absolute path; it must begin with '/'");
            }
        }
    }

    /** Not on the caller's thread: a list may name a large tree, and the mount serves already. */
    private static void warm(RafsMetadata metadata, List<BlobCache> blobs, Prefetch prefetch, List<String> files) {
        if (prefetch != Prefetch.NOTHING) {
            ReadContext context = new ReadContext(ReadCause.PREFETCH, System.nanoTime() + PREFETCH_PATIENCE.toNanos());
            Warming warming = new Warming(metadata, blobs, context);
            Thread.ofVirtual().name("prefetch").start(() -> warming.run(files, prefetch == Prefetch.EVERYTHING));
        }
    }
}
