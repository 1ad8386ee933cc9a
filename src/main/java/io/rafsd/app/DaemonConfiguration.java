package io.rafsd.app;

import io.rafsd.app.actuator.ActuatorConfiguration;
import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.app.config.RafsdProperties;
import io.rafsd.app.config.SidecarSettings;
import io.rafsd.app.metrics.MetricsConfiguration;
import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.daemon.Lifecycle;
import io.rafsd.daemon.statemachine.TransitionTable;
import io.rafsd.error.InvalidRequest;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.jnr.JnrTransport;
import io.rafsd.fuse.kernel.KernelTransport;
import io.rafsd.mount.ImageAssembly;
import io.rafsd.mount.ImageMountManager;
import io.rafsd.mount.MountManager;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import io.rafsd.storage.cache.BlobCacheManager;
import io.rafsd.storage.cache.FileBlobCacheManager;
import io.rafsd.storage.credentials.DockerConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Which parts a daemon has, and how they hang together. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(RafsdProperties.class)
@Import({TransitionTable.class, ActuatorConfiguration.class, MetricsConfiguration.class})
class DaemonConfiguration {

    @Bean
    DaemonSettings daemonSettings(DaemonLaunch launch, RafsdProperties properties) throws IOException {
        DaemonSettings given = launch.settings();
        return given != null ? given : SidecarSettings.of(properties);
    }

    @Bean(destroyMethod = "close")
    HttpTransport httpTransport() {
        return new PooledHttpTransport();
    }

    @Bean(destroyMethod = "")
    BlobCacheManager blobCacheManager() {
        return new FileBlobCacheManager(FileBlobCacheManager.DEFAULT_MEMORY_BYTES);
    }

    @Bean(destroyMethod = "")
    MountManager mountManager(BlobCacheManager caches, HttpTransport http, RafsdProperties properties) {
        return new ImageMountManager(
                new ImageAssembly(caches, http, DockerConfig.ofThisUser(), Path.of(properties.stateDir())));
    }

    @Bean
    FuseTransport fuseTransport(DaemonSettings settings, MountManager mounts) throws IOException {
        return switch (settings.transport()) {
            case "kernel" -> new KernelTransport(mounts.fileSystemStats());
            case "jnr" -> new JnrTransport(mounts.fileSystemStats());
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
                settings, transport, mounts, () -> controller.getObject().workersEnded());
    }

    @Bean
    DaemonBoot daemonBoot(DaemonController controller, Daemon daemon, Lifecycle lifecycle) {
        return new DaemonBoot(controller, daemon, lifecycle);
    }
}
