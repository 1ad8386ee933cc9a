package io.rafsd.app.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.stats.BackendStats;
import io.rafsd.stats.CacheStats;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Cache and backend, summed over all that is mounted.
 */
final class ImageMeters implements MeterBinder {

    private final MountManager mounts;

    ImageMeters(MountManager mounts) {
        this.mounts = mounts;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder(MeterNames.MOUNTS, mounts, m -> m.mounts().size())
                .description("images that are mounted")
                .register(registry);
        cache(registry, MeterNames.CACHE_GETS, "reads answered from local disk", s -> s.hits, "result", "hit");
        cache(registry, MeterNames.CACHE_GETS, "reads that waited for the backend", s -> s.misses, "result", "miss");
        cache(registry, MeterNames.CACHE_FETCHED_CHUNKS, "chunks that arrived and were verified", s -> s.chunksFetched);
        cache(
                registry,
                MeterNames.CACHE_SHARED_CHUNKS,
                "chunks found in another blob's cache file",
                s -> s.chunksShared);
        cache(registry, MeterNames.CACHE_VERIFIED_CHUNKS, "digests that matched", s -> s.chunksVerified);
        cache(
                registry,
                MeterNames.CACHE_CORRUPTIONS,
                "chunks that were not what the image says",
                s -> s.backendCorruptions,
                "source",
                "backend");
        cache(
                registry,
                MeterNames.CACHE_CORRUPTIONS,
                "chunks that were not what the image says",
                s -> s.cacheCorruptions,
                "source",
                "cache");
        bytes(
                registry,
                MeterNames.CACHE_FETCHED_BYTES,
                "bytes asked of the backend, as stored there",
                s -> s.fetchedBytes);
        bytes(registry, MeterNames.CACHE_STORED_BYTES, "uncompressed bytes written to local disk", s -> s.storedBytes);
        cache(
                registry,
                MeterNames.CACHE_STORE_FAILURES,
                "chunks that could not be kept on local disk",
                s -> s.storeFailures);
        Gauge.builder(MeterNames.CACHE_IN_FLIGHT, mounts, m -> cacheSum(m, s -> s.inFlight))
                .description("chunks being fetched")
                .register(registry);
        FunctionTimer.builder(
                        MeterNames.BACKEND_REQUESTS,
                        mounts,
                        m -> backendSum(m, s -> s.requests.count()),
                        m -> backendSum(m, s -> s.requests.totalNanos()),
                        TimeUnit.NANOSECONDS)
                .description("requests to backends that were answered")
                .register(registry);
        backend(registry, MeterNames.BACKEND_ERRORS, "requests to backends that failed", s -> s.errors);
        backend(registry, MeterNames.BACKEND_RETRIES, "attempts after the first", s -> s.retries);
        FunctionCounter.builder(MeterNames.BACKEND_BYTES, mounts, m -> backendSum(m, s -> s.bytes.sum()))
                .description("body bytes received from backends")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(MeterNames.BACKEND_IN_FLIGHT, mounts, m -> backendSum(m, s -> s.inFlight.sum()))
                .description("requests to backends under way")
                .register(registry);
    }

    private void cache(
            MeterRegistry registry,
            String name,
            String description,
            Function<CacheStats, LongAdder> of,
            String... tags) {
        FunctionCounter.builder(name, mounts, m -> cacheSum(m, of))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void bytes(MeterRegistry registry, String name, String description, Function<CacheStats, LongAdder> of) {
        FunctionCounter.builder(name, mounts, m -> cacheSum(m, of))
                .description(description)
                .baseUnit("bytes")
                .register(registry);
    }

    private void backend(
            MeterRegistry registry, String name, String description, Function<BackendStats, LongAdder> of) {
        FunctionCounter.builder(
                        name, mounts, m -> backendSum(m, s -> of.apply(s).sum()))
                .description(description)
                .register(registry);
    }

    private static long cacheSum(MountManager mounts, Function<CacheStats, LongAdder> of) {
        long sum = 0;
        for (MountInfo mount : mounts.mounts()) {
            sum += of.apply(mount.cacheStats()).sum();
        }
        return sum;
    }

    private static long backendSum(MountManager mounts, Function<BackendStats, Long> of) {
        long sum = 0;
        for (MountInfo mount : mounts.mounts()) {
            sum += of.apply(mount.backendStats());
        }
        return sum;
    }
}
