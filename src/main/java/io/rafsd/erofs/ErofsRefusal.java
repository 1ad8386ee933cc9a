package io.rafsd.erofs;

import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why the kernel would not mount, in words that name what is missing. */
final class ErofsRefusal {

    private static final String BESIDES = "; or mount the image through FUSE, which needs none of that";

    /** The kernel does not read files of these through its page cache, or not below another EROFS. */
    private static final Set<String> UNREADABLE = Set.of("overlay", "tmpfs", "devtmpfs", "ramfs");

    private ErofsRefusal() {}

    static IOException of(PosixError refusal, ErofsPlace place) {
        @Nullable
        String missing = switch (refusal.errno()) {
            case ENODEV -> "this kernel has no EROFS: load it with modprobe erofs, or use one with CONFIG_EROFS_FS";
            case ENOSYS -> "this kernel, or what filters its system calls, has no fsopen(2)";
            case EPERM -> "mounting needs the capability SYS_ADMIN: run as root, in a container with that capability";
            case ENOTBLK ->
                UNREADABLE.contains(type(place))
                        ? beneath(place)
                        : "this kernel mounts EROFS from block devices only: from files it does from Linux 6.12 on,"
                                + " with CONFIG_EROFS_FS_BACKED_BY_FILE";
            case EINVAL -> UNREADABLE.contains(type(place)) ? beneath(place) : null;
            default -> null;
        };
        return missing == null
                ? refusal
                : new Unsupported(
                        place.target() + " cannot be an EROFS mount: " + missing + BESIDES + " (" + refusal.getMessage()
                                + ")",
                        refusal);
    }

    private static String beneath(ErofsPlace place) {
        return "the state directory of " + place.home() + " lies on " + type(place)
                + ", which the kernel's EROFS cannot read from: set rafsd.state-dir to a directory on a disk";
    }

    private static String type(ErofsPlace place) {
        try {
            return Files.getFileStore(place.home()).type();
        } catch (IOException e) {
            return "an unknown filesystem";
        }
    }
}
