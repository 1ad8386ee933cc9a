package io.rafsd.app.actuator;

import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the daemon serves. It says nothing of registries: a registry that is away must not restart a daemon that holds
 * mounts.
 */
public final class DaemonHealthIndicator implements HealthIndicator {

    private final DaemonController controller;

    public DaemonHealthIndicator(DaemonController controller) {
        this.controller = controller;
    }

    @Override
    public Health health() {
        DaemonState state = controller.state();
        Health.Builder health = switch (state) {
            case RUNNING -> Health.up();
            case INIT, READY -> Health.outOfService();
            case STOPPED, UNKNOWN -> Health.down();
        };
        return health.withDetail("state", state.name()).build();
    }
}
