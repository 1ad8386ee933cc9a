package io.rafsd.erofs;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import io.rafsd.linux.FileSystemContext;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mount of the kernel's EROFS: metadata from a private copy of the bootstrap, each blob from a file that we serve. One
 * call at a time; each does its work on a thread of its own, because the kernel may ask us something meanwhile.
 */
public final class ErofsMount {

    private static final Logger log = LoggerFactory.getLogger(ErofsMount.class);
    private static final String TYPE = "erofs";
    private static final int RAFS_V6 = 6;

    private final ErofsPlace place;
    private final RafsMetadata metadata;
    private MountTable.@Nullable Entry mounted;

    /**
     * @param stateDirectory for what belongs to the mount
     * @param target an existing directory, absolute
     * @throws Unsupported for images that the kernel cannot read
     */
    public ErofsMount(Path stateDirectory, Path target, RafsMetadata metadata) throws IOException {
        if (metadata.version() != RAFS_V6) {
            throw new Unsupported(
                    "the image is of RAFS v" + metadata.version()
                            + ", and the kernel's EROFS reads v6 only; convert it with --fs-version 6, or mount it through FUSE");
        }
        this.place = ErofsPlace.of(stateDirectory, target);
        this.metadata = metadata;
    }

    /** Where its blob files are to be served, as a name for nobody but the kernel. */
    public static String servedName(Path target) {
        return "erofs-" + ErofsPlace.name(target);
    }

    /** @throws InvalidRequest if nothing can be mounted there */
    public static void requireTarget(Path target) throws IOException {
        if (!target.isAbsolute()) {
            throw new InvalidRequest(
                    "the transport erofs mounts at a directory of this host, and '" + target + "' is not absolute");
        }
        if (!Files.isDirectory(target)) {
            throw Files.exists(target)
                    ? new InvalidRequest("mount point " + target + " is no directory")
                    : new NotFound("mount point " + target + " does not exist; make it with: mkdir -p " + target);
        }
    }

    /**
     * Removes what a dead daemon left, and writes the copy of the metadata; to be done before the blob files are served, by
     * which the living are told from the dead.
     */
    public void prepare() throws IOException {
        requireTarget(place.target());
        if (!ErofsLeftovers.clean(place)) {
            throw new AlreadyExists(place.target() + " is an EROFS mount that another daemon serves; unmount it there");
        }
        place.make();
        place.write(metadata.bytes());
    }

    /**
     * Mounts; what was prepared is gone after a failure.
     *
     * @param blobs directory of the blob files, which are served already
     */
    public void mount(Path blobs) throws IOException {
        try {
            place.link(blobs);
            OwnThread.run("erofs-mount", () -> {
                mountFrom(blobs);
                mounted = MountTable.at(place.target());
            });
        } catch (IOException | RuntimeException e) {
            place.remove();
            throw e;
        }
    }

    private void mountFrom(Path blobs) throws IOException {
        try (FileSystemContext context = FileSystemContext.open(TYPE)) {
            context.option("source", place.image().toString());
            context.flag("ro");
            for (int blob = 0; blob < metadata.blobs().size(); blob++) {
                context.option("device", blobs.resolve(Integer.toString(blob)).toString());
            }
            context.mount(
                    place.target(),
                    FileSystemContext.MOUNT_ATTR_RDONLY
                            | FileSystemContext.MOUNT_ATTR_NOSUID
                            | FileSystemContext.MOUNT_ATTR_NODEV
                            | FileSystemContext.MOUNT_ATTR_NOATIME);
        } catch (PosixError e) {
            throw ErofsRefusal.of(e, place);
        }
    }

    /** Goes on with a mount that a predecessor made; it is no failure if it has gone. */
    public void adopt() throws IOException {
        mounted = ErofsLeftovers.of(place);
        if (mounted == null) {
            log.atWarn().addKeyValue("mountpoint", place.target()).log("the EROFS mount of a predecessor is gone");
        } else {
            place.requireCopyOf(metadata.bytes());
        }
    }

    /** @throws PosixError EBUSY while somebody uses it; nothing has changed then */
    public void unmount() throws IOException {
        try {
            unmount(0);
        } catch (PosixError e) {
            if (e.errno() == Errno.EBUSY) {
                throw new PosixError(
                        Errno.EBUSY,
                        place.target() + " is in use (" + Errno.EBUSY.text() + "); end what uses it (fuser -vm "
                                + place.target() + " names it) and unmount it again");
            }
            throw e;
        }
    }

    /** Takes it out of the tree; who uses it may go on while its blobs are served. */
    public void detach() throws IOException {
        unmount(Mounts.MNT_DETACH);
    }

    private void unmount(int flags) throws IOException {
        MountTable.Entry ours = mounted;
        MountTable.Entry there = MountTable.at(place.target());
        if (ours != null && ours.equals(there)) {
            OwnThread.run("erofs-umount", () -> Mounts.unmount(place.target(), flags));
        }
        mounted = null;
        place.remove();
    }
}
