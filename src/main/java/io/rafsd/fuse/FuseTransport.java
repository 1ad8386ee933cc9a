package io.rafsd.fuse;

import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.FileSystem;
import java.io.IOException;
import java.util.Set;

/** A way to hand a {@link FileSystem} to the kernel. */
public interface FuseTransport {

    /** What not every transport can do. */
    enum Capability {
        /** The connection's descriptor can be handed to another process. */
        HAND_OVER,
        /** Names and targets that are no UTF-8 reach the reader as they are; without it they are refused. */
        RAW_NAMES,
        /** The kernel's caches can be told to forget. */
        INVALIDATE
    }

    /** The name it is chosen by: {@code kernel}, {@code jnr}. */
    String name();

    Set<Capability> capabilities();

    /**
     * Mounts {@code fileSystem} at {@link MountOptions#mountPoint}. Nobody answers yet: see {@link FuseSession#serve}.
     *
     * @throws io.rafsd.error.DaemonException that says in one sentence what is missing and how to mend it
     */
    FuseSession mount(MountOptions options, FileSystem fileSystem) throws IOException;

    /**
     * Goes on with a mount that another process made. Nobody answers yet: see {@link FuseSession#serve}, which first does
     * what {@code policy} says. The session owns the descriptor from then on.
     *
     * @throws Unsupported if the transport cannot
     */
    default FuseSession adopt(
            MountOptions options, FileSystem fileSystem, FuseConnection connection, FailoverPolicy policy)
            throws IOException {
        throw new Unsupported("the transport " + name() + " cannot take a mount over; use the transport kernel");
    }
}
