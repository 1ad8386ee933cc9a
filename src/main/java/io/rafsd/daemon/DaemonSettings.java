package io.rafsd.daemon;

import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountSpec;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon is started with.
 *
 * @param id given by a supervisor, null without one
 * @param supervisor socket of the process that keeps state between daemons, null without one
 * @param apiSocket of the control API, null for none
 * @param mount how the filesystem is mounted; null for a daemon that mounts nothing (singleton)
 * @param transport name of the transport
 * @param image what is mounted at the start, null for nothing
 * @param imagePath where inside the filesystem
 * @param failover what a takeover does with requests that were under way
 * @param dedupDatabase of which cache file on this machine holds which chunk, null for none
 * @param waits whether the daemon stays in INIT and waits for a takeover
 * @param blobs that are bound at the start
 */
public record DaemonSettings(
        @Nullable String id,
        @Nullable Path supervisor,
        @Nullable Path apiSocket,
        @Nullable MountOptions mount,
        String transport,
        @Nullable MountSpec image,
        String imagePath,
        FailoverPolicy failover,
        @Nullable Path dedupDatabase,
        boolean waits,
        List<BlobEntry> blobs) {

    /** Of a daemon that binds no blobs at the start. */
    public DaemonSettings(
            @Nullable String id,
            @Nullable Path supervisor,
            @Nullable Path apiSocket,
            @Nullable MountOptions mount,
            String transport,
            @Nullable MountSpec image,
            String imagePath,
            FailoverPolicy failover,
            @Nullable Path dedupDatabase,
            boolean waits) {
        this(id, supervisor, apiSocket, mount, transport, image, imagePath, failover, dedupDatabase, waits, List.of());
    }

    /** The same, but waiting for a takeover: a predecessor died and its mount is still there. */
    public DaemonSettings waiting() {
        return new DaemonSettings(
                id, supervisor, apiSocket, mount, transport, image, imagePath, failover, dedupDatabase, true, blobs);
    }

    /** A daemon that only manages blobs. */
    public boolean isSingleton() {
        return mount == null;
    }
}
