package io.rafsd.storage.backend.localfs;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.Backend;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Blobs as files of a directory, or one blob as one file. Files are read on a few platform threads of its own: a file
 * read on a virtual thread would block its carrier, and a directory on a network disk all of them.
 */
public final class LocalFsBackend implements Backend {

    private final BackendConfig.LocalFs config;
    private final DiskThreads threads = new DiskThreads();
    private final ConcurrentMap<BlobId, LocalFsBlobReader> blobs = new ConcurrentHashMap<>();

    public LocalFsBackend(BackendConfig.LocalFs config) {
        this.config = config;
    }

    @Override
    public BlobReader blob(BlobId id) {
        return blobs.computeIfAbsent(id, key -> new LocalFsBlobReader(key, BlobPaths.of(config, key), threads));
    }

    /** Waits for reads that are under way: a descriptor that closes under a read may become another file's. */
    @Override
    public void close() {
        threads.close();
        blobs.values().forEach(LocalFsBlobReader::close);
    }
}
