package io.rafsd.app.metrics;

/** Names of all meters of rafsd, stable since they were first published; src/docs/METRICS.md tells what each means. */
final class MeterNames {

    static final String STATE = "rafsd.daemon.state";
    static final String MOUNTS = "rafsd.mounts";

    static final String FS_REQUESTS = "rafsd.fs.requests";
    static final String FS_ERRORS = "rafsd.fs.errors";
    static final String FS_READ_BYTES = "rafsd.fs.read";
    static final String FS_IN_FLIGHT = "rafsd.fs.inflight";

    static final String CACHE_GETS = "rafsd.cache.gets";
    static final String CACHE_FETCHED_CHUNKS = "rafsd.cache.chunks.fetched";
    static final String CACHE_SHARED_CHUNKS = "rafsd.cache.chunks.shared";
    static final String CACHE_VERIFIED_CHUNKS = "rafsd.cache.chunks.verified";
    static final String CACHE_CORRUPTIONS = "rafsd.cache.corruptions";
    static final String CACHE_FETCHED_BYTES = "rafsd.cache.fetched";
    static final String CACHE_STORED_BYTES = "rafsd.cache.stored";
    static final String CACHE_STORE_FAILURES = "rafsd.cache.store.failures";
    static final String CACHE_IN_FLIGHT = "rafsd.cache.inflight";

    static final String BACKEND_REQUESTS = "rafsd.backend.requests";
    static final String BACKEND_ERRORS = "rafsd.backend.errors";
    static final String BACKEND_RETRIES = "rafsd.backend.retries";
    static final String BACKEND_BYTES = "rafsd.backend.received";
    static final String BACKEND_IN_FLIGHT = "rafsd.backend.inflight";

    private MeterNames() {}
}
