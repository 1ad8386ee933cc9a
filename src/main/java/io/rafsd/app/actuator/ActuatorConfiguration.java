package io.rafsd.app.actuator;

import io.rafsd.daemon.DaemonController;
import io.rafsd.mount.BlobCacheMgr;
import io.rafsd.storage.cache.BlobCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The endpoints and health indicators of a daemon. */
@Configuration(proxyBeanMethods = false)
public class ActuatorConfiguration {

    @Bean
    DaemonEndpoint daemonEndpoint(DaemonController controller) {
        return new DaemonEndpoint(controller);
    }

    @Bean
    BlobCacheEndpoint blobCacheEndpoint(BlobCacheManager caches, BlobCacheMgr bound) {
        return new BlobCacheEndpoint(caches, bound);
    }

    @Bean
    DaemonHealthIndicator daemonHealthIndicator(DaemonController controller) {
        return new DaemonHealthIndicator(controller);
    }
}
