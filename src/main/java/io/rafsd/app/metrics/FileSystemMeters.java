package io.rafsd.app.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import io.rafsd.stats.Latency;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Requests of the kernel, by operation. */
final class FileSystemMeters implements MeterBinder {

    private final FileSystemStats stats;

    FileSystemMeters(FileSystemStats stats) {
        this.stats = stats;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Operation operation : Operation.values()) {
            String name = operation.name().toLowerCase(Locale.ROOT);
            FunctionTimer.builder(
                            MeterNames.FS_REQUESTS,
                            stats.latency(operation),
                            Latency::count,
                            Latency::totalNanos,
                            TimeUnit.NANOSECONDS)
                    .description("requests of the kernel, from receipt to answer")
                    .tag("operation", name)
                    .register(registry);
            FunctionCounter.builder(
                            MeterNames.FS_ERRORS,
                            stats,
                            s -> s.errors(operation).sum())
                    .description("requests answered with EIO")
                    .tag("operation", name)
                    .register(registry);
        }
        FunctionCounter.builder(MeterNames.FS_READ_BYTES, stats, s -> s.readBytes.sum())
                .description("bytes handed to readers")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(MeterNames.FS_IN_FLIGHT, stats, s -> s.inFlight.sum())
                .description("requests received and not yet answered")
                .register(registry);
    }
}
