package io.rafsd.app.metrics;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.rafsd.daemon.DaemonController;
import io.rafsd.mount.MountManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a daemon measures. */
@Configuration(proxyBeanMethods = false)
public class MetricsConfiguration {

    @Bean
    MeterBinder daemonMeters(DaemonController controller) {
        return new DaemonMeters(controller);
    }

    @Bean
    MeterBinder fileSystemMeters(MountManager mounts) {
        return new FileSystemMeters(mounts.fileSystemStats());
    }

    @Bean
    MeterBinder imageMeters(MountManager mounts) {
        return new ImageMeters(mounts);
    }
}
