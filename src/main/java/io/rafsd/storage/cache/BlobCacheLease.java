package io.rafsd.storage.cache;

/** A mount's use of a cached blob. Safe for many threads. */
public interface BlobCacheLease extends AutoCloseable {

    /** The blob, usable until {@link #close}; a read after that, or under way then, fails. */
    BlobCache cache();

    /** Idempotent. The last lease of a blob waits for what is being written, makes it durable and frees everything. */
    @Override
    void close();
}
