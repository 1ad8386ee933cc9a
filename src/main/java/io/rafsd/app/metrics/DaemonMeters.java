package io.rafsd.app.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonState;

/** The daemon's state: for each, 1 if the daemon is in it and 0 if not. */
final class DaemonMeters implements MeterBinder {

    private final DaemonController controller;

    DaemonMeters(DaemonController controller) {
        this.controller = controller;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (DaemonState state : DaemonState.values()) {
            Gauge.builder(MeterNames.STATE, controller, c -> c.state() == state ? 1 : 0)
                    .description("1 for the state that the daemon is in")
                    .tag("state", state.name())
                    .register(registry);
        }
    }
}
