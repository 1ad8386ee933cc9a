package io.rafsd.fuse.kernel;

import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.FuseConnection;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.FuseTransport;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.fuse.server.FuseServer;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FuserMount;
import io.rafsd.linux.Limits;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import io.rafsd.stats.FileSystemStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * Our own FUSE server on {@code /dev/fuse}: no native library but the C library. One descriptor and no clones of it, because
 * a process that takes over must get them all. Root mounts by itself, other users through {@code fusermount3}.
 */
public final class KernelTransport implements FuseTransport {

    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final String SOURCE = "rafs";
    private static final long MINOR_MASK = 0xF_FFFF;

    private final FileSystemStats stats;

    /** @param stats of all requests */
    public KernelTransport(FileSystemStats stats) {
        this.stats = stats;
    }

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.HAND_OVER, Capability.RAW_NAMES, Capability.INVALIDATE);
    }

    @Override
    public FuseSession mount(MountOptions options, FileSystem fileSystem) throws IOException {
        Path mountPoint = options.mountPoint();
        MountPoint.requireFree(mountPoint);
        boolean root = Limits.effectiveUser() == 0;
        Fd device = root ? mountAsRoot(options) : mountAsUser(options);
        MountTable.Entry mounted = MountTable.at(mountPoint);
        if (mounted == null) {
            device.close();
            throw new NotFound("the mount at " + mountPoint + " was gone as soon as it was made");
        }
        FuseServer server = new FuseServer(fileSystem, stats, options.noOpen());
        return new KernelSession(options, device, mounted, server, fileSystem, FailoverPolicy.NONE);
    }

    @Override
    public FuseSession adopt(
            MountOptions options, FileSystem fileSystem, FuseConnection connection, FailoverPolicy policy)
            throws IOException {
        FuseServer server = new FuseServer(fileSystem, stats, connection.noOpen());
        if (connection.offered() != 0) {
            server.initialise(new InitFacts(
                    InitFacts.NEWEST_MINOR, connection.offered(), connection.agreed(), InitFacts.MAX_READ));
        }
        MountTable.Entry mounted = MountTable.at(options.mountPoint());
        int minor = (int) (connection.id() & MINOR_MASK);
        if (mounted == null) {
            // In another mount namespace than ours.
            mounted = new MountTable.Entry(0, minor, options.mountPoint().toString(), "fuse", SOURCE);
        } else if (mounted.minor() != minor) {
            throw new InvalidRequest("what is mounted at " + options.mountPoint() + " is device " + mounted.major()
                    + ":" + mounted.minor() + ", and not the connection " + minor + " that is to be taken over");
        }
        return new KernelSession(options, connection.device(), mounted, server, fileSystem, policy);
    }

    private static Fd mountAsRoot(MountOptions options) throws IOException {
        Fd device = openDevice();
        try {
            Mounts.mount(
                    SOURCE,
                    options.mountPoint(),
                    "fuse",
                    Mounts.MS_RDONLY | Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOATIME,
                    "fd=" + device.number() + ",rootmode=40000,user_id=0,group_id=" + Limits.effectiveGroup()
                            + ",default_permissions,max_read=" + (InitFacts.MAX_READ + 4096)
                            + (options.allowOther() ? ",allow_other" : ""));
            return device;
        } catch (PosixError e) {
            device.close();
            if (e.errno() == Errno.EPERM) {
                throw new Unsupported(
                        "root may not mount at " + options.mountPoint()
                                + " here; in a container give the capability SYS_ADMIN and the device /dev/fuse",
                        e);
            }
            throw e;
        }
    }

    private static Fd openDevice() throws IOException {
        try {
            return Fd.open(DEVICE, Fd.O_RDWR | Fd.O_NONBLOCK, 0);
        } catch (PosixError e) {
            throw new Unsupported(
                    DEVICE + " cannot be opened (" + e.errno().text()
                            + "); load the kernel module with: modprobe fuse, or give the container the device /dev/fuse",
                    e);
        }
    }

    private static Fd mountAsUser(MountOptions options) throws IOException {
        if (!Files.exists(DEVICE)) {
            openDevice().close();
        }
        // Others are root's to allow; without that an ordinary user's mount is the user's alone.
        boolean others = options.allowOther() && FuserMount.mayAllowOthers();
        Fd device = FuserMount.mount(
                options.mountPoint(),
                "ro,nosuid,nodev,noatime,default_permissions,fsname=" + SOURCE + ",max_read="
                        + (InitFacts.MAX_READ + 4096) + (others ? ",allow_other" : ""));
        device.setNonBlocking();
        return device;
    }
}
