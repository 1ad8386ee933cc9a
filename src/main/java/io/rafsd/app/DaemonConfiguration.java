package io.rafsd.app;

import io.rafsd.app.config.RafsdProperties;
import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.daemon.statemachine.TransitionTable;
import io.rafsd.error.InvalidRequest;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.jnr.JnrTransport;
import io.rafsd.fuse.kernel.KernelTransport;
import io.rafsd.mount.BlobCacheMgr;
import io.rafsd.mount.ImageAssembly;
import io.rafsd.mount.ImageMountManager;
import io.rafsd.mount.MountManager;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import io.rafsd.storage.cache.BlobCacheManager;
import io.rafsd.storage.cache.DedupDatabase;
import io.rafsd.storage.cache.FileBlobCacheManager;
import io.rafsd.storage.credentials.DockerConfig;
import io.rafsd.storage.dedup.SqliteDedupDatabase;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** Which parts a daemon has, and how they hang together. */
@Configuration(proxyBeanMethods = false)
@Import(TransitionTable.class)
class DaemonConfiguration {

    @Bean(destroyMethod = "close")
    HttpTransport httpTransport() {
        return new PooledHttpTransport();
    }

    @Bean(destroyMethod = "")
    BlobCacheManager blobCacheManager(DaemonSettings settings) throws IOException {
        Path database = settings.dedupDatabase();
        return new FileBlobCacheManager(
                FileBlobCacheManager.DEFAULT_MEMORY_BYTES,
                database == null ? DedupDatabase.NONE : SqliteDedupDatabase.open(database));
    }

    @Bean(destroyMethod = "")
    MountManager mountManager(BlobCacheManager caches, HttpTransport http, Environment environment) {
        Path state = Path.of(environment.getProperty(RafsdProperties.STATE_DIR, RafsdProperties.DEFAULT_STATE_DIR));
        boolean pageCache = environment.getProperty(RafsdProperties.EROFS_PAGE_CACHE, Boolean.class, false);
        return new ImageMountManager(new ImageAssembly(caches, http, DockerConfig.ofThisUser(), state, pageCache));
    }

    @Bean(destroyMethod = "")
    BlobCacheMgr blobCacheMgr(MountManager mounts) {
        return mounts.blobs();
    }

    @Bean
    FuseTransport fuseTransport(DaemonSettings settings, MountManager mounts) throws IOException {
        return switch (settings.transport()) {
            case "kernel" -> new KernelTransport(mounts.fileSystemStats());
            case "jnr" -> new JnrTransport(mounts.fileSystemStats());
            case "erofs" ->
                throw new InvalidRequest(
                        "transport erofs is for rafsd mount, for rafsd.transport, and for mounts over the"
                                + " control API; a daemon with nydusd's options serves FUSE: use kernel or jnr");
            default ->
                throw new InvalidRequest("transport '" + settings.transport() + "' is unknown; use kernel or jnr");
        };
    }

    @Bean(destroyMethod = "")
    DaemonController daemonController(BlobCacheManager caches) {
        return new DaemonController(caches);
    }

    @Bean
    Daemon daemon(
            DaemonSettings settings,
            FuseTransport transport,
            MountManager mounts,
            ObjectProvider<DaemonController> controller) {
        return new Daemon(
                settings,
                transport,
                mounts,
                new NydusDocuments(),
                () -> controller.getObject().workersEnded());
    }
}
