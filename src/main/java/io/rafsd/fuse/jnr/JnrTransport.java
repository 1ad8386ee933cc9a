package io.rafsd.fuse.jnr;

import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.Limits;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/**
 * The portable transport: libfuse 2 through jnr-fuse. libfuse names files by paths and reads with threads of its own, as
 * many as are busy, so {@link MountOptions#threads}, {@link MountOptions#noOpen} and {@link MountOptions#readAheadKib}
 * have no meaning here. The connection itself is hidden in libfuse, so it cannot be handed over.
 */
public final class JnrTransport implements FuseTransport {

    private final FileSystemStats stats;

    /** @param stats of all requests */
    public JnrTransport(FileSystemStats stats) {
        this.stats = stats;
    }

    @Override
    public String name() {
        return "jnr";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.RAW_NAMES);
    }

    @Override
    public FuseSession mount(MountOptions options, FileSystem fileSystem) throws IOException {
        MountPoint.requireFree(options.mountPoint());
        Gate gate = new Gate();
        PathOperations operations = new PathOperations(fileSystem, stats, gate);
        LibFuseMount mount;
        try {
            mount = new LibFuseMount(operations);
        } catch (UnsatisfiedLinkError e) {
            throw new Unsupported(
                    "the transport jnr needs libfuse 2, and libfuse.so.2 cannot be loaded (" + e.getMessage()
                            + "); install the package libfuse2 (libfuse2t64 on newer systems), or choose the transport"
                            + " kernel",
                    e);
        }
        return JnrSession.mount(options, libFuseOptions(options, fileSystem), mount, operations, gate);
    }

    private static String libFuseOptions(MountOptions options, FileSystem fileSystem) {
        StringBuilder text = new StringBuilder(
                "ro,nosuid,nodev,noatime,nonempty,default_permissions,use_ino,fsname=rafs,max_read=131072");
        if (fileSystem.remembersAbsence(fileSystem.rootIno())) {
            text.append(",kernel_cache,entry_timeout=4294967296,attr_timeout=4294967296,negative_timeout=4294967296");
        } else {
            // What is mounted may change, and libfuse gives no way to make the kernel forget a path.
            text.append(",entry_timeout=1,attr_timeout=1,negative_timeout=0");
        }
        // To others than root, libfuse allows it only where /etc/fuse.conf does; such a user's mount is the user's
        // alone.
        if (options.allowOther() && Limits.effectiveUser() == 0) {
            text.append(",allow_other");
        }
        return text.toString();
    }
}
