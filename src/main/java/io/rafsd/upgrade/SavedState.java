package io.rafsd.upgrade;

import io.rafsd.error.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a FUSE daemon leaves to its successor, in nydusd's own layout, so that either may follow the other.
 *
 * @param mounts in any order
 * @param connection what was agreed with the kernel
 * @param directories of the tree that leads to the mounts; the root, number 1, is not among them
 * @param nextDirectory number of the next one
 * @param nextIndex of the mount that comes next
 * @param connectionId device number of the mount
 * @see <a href="https://github.com/dragonflyoss/nydus/blob/master/upgrade/src/persist.rs">nydus' upgrade state</a>
 */
public record SavedState(
        List<SavedMount> mounts,
        Negotiated connection,
        List<SavedDirectory> directories,
        long nextDirectory,
        int nextIndex,
        long connectionId) {

    static final long MAGIC = magic(System.getProperty("os.arch", ""));
    static final int VERSION = 1;
    /** Bytes of the longest text. */
    public static final int MAX_STRING = 16_384;

    private static final int FORMAT = 1;
    /** Flags of INIT that nydusd knows; it refuses a state with others, and none of those changes what is sent later. */
    private static final long KNOWN_FLAGS = 0x1FFF_FFFFL | 1L << 30 | 1L << 33 | 1L << 39;

    private static long magic(String processor) {
        return FORMAT
                | switch (processor.toLowerCase(Locale.ROOT)) {
                    case "aarch64" -> 0x0710_1984_AAAA_0000L;
                    case "ppc64", "ppc64le" -> 0x0710_1984_CC64_0000L;
                    case "riscv64" -> 0x0710_1984_C564_0000L;
                    default -> 0x0710_1984_8664_0000L;
                };
    }

    /**
     * One mount, as the command that made it.
     *
     * @param passthrough whether it shows a directory and no image
     * @param source the bootstrap, or the directory
     * @param config text of the configuration
     * @param path where
     * @param prefetchFiles null where none were given
     * @param index of its inodes
     */
    public record SavedMount(
            boolean passthrough,
            String source,
            String config,
            String path,
            @Nullable List<String> prefetchFiles,
            int index) {

        /** The configuration may hold secrets. */
        @Override
        public String toString() {
            return "SavedMount[" + source + " at " + path + ", index " + index + "]";
        }
    }

    /**
     * What was agreed at INIT, which the kernel says once only.
     *
     * @param offered flags of the kernel; 0 before INIT
     * @param agreed flags of both
     * @param noOpen whether OPEN and OPENDIR were answered with ENOSYS, so that the kernel never asks again
     */
    public record Negotiated(long offered, long agreed, boolean noOpen) {}

    /** A directory that leads to mounts. */
    public record SavedDirectory(long ino, long parent, String name) {}

    /**
     * @param longest bytes that the successor takes in one text; nydusd {@link #MAX_STRING}
     * @throws InvalidRequest if something is longer
     */
    public byte[] encode(int longest) throws InvalidRequest {
        StateWriter out = new StateWriter(longest).u64(mounts.size());
        for (SavedMount mount : mounts) {
            out.string("mount point", mount.path)
                    .u32(mount.passthrough ? 1 : 0)
                    .string("source of " + mount.path, mount.source)
                    .string("configuration of " + mount.path, mount.config)
                    .string("mount point", mount.path)
                    .bool(mount.prefetchFiles != null);
            if (mount.prefetchFiles != null) {
                out.u64(mount.prefetchFiles.size());
                for (String file : mount.prefetchFiles) {
                    out.string("prefetch file", file);
                }
            }
            out.u8(mount.index);
        }
        return out.blob(encodeFileSystem(longest)).u64(connectionId).finish();
    }

    private byte[] encodeFileSystem(int longest) throws InvalidRequest {
        StateWriter tree = new StateWriter(longest).u64(nextDirectory).u64(directories.size());
        for (SavedDirectory directory : directories) {
            tree.u64(directory.ino).u64(directory.parent).string("name of a directory", directory.name);
        }
        boolean noReaddir = false;
        boolean sealSize = false;
        boolean noWriteback = false;
        boolean killPrivileges = false;
        return new StateWriter(longest)
                .u64(connection.offered & KNOWN_FLAGS)
                .u64(connection.agreed & KNOWN_FLAGS)
                .bool(noReaddir)
                .bool(sealSize)
                .u32(0)
                .u32(0)
                .u32(0)
                .bool(connection.noOpen)
                .bool(connection.noOpen)
                .bool(noWriteback)
                .bool(killPrivileges)
                .blob(tree.finish())
                .u8(nextIndex)
                .finish();
    }

    /** @throws InvalidRequest that names the place and the rule */
    public static SavedState decode(byte[] bytes) throws InvalidRequest {
        StateReader in = new StateReader("saved state", bytes);
        List<SavedMount> mounts = new ArrayList<>();
        for (int left = in.count(1); left > 0; left--) {
            String path = in.string();
            int kind = in.u32();
            if (kind != 0 && kind != 1) {
                throw new InvalidRequest("saved state: the mount at " + path + " is of the unknown kind " + kind);
            }
            String source = in.string();
            String config = in.string();
            // Once more the path.
            in.string();
            List<String> files = in.bool() ? strings(in) : null;
            mounts.add(new SavedMount(kind == 1, source, config, path, files, in.u8()));
        }
        byte[] fileSystem = in.blob();
        // What follows belongs to a later version; nydusd passes it over as well.
        long connectionId = in.u64();
        return withFileSystem(List.copyOf(mounts), fileSystem, connectionId);
    }

    private static SavedState withFileSystem(List<SavedMount> mounts, byte[] bytes, long connectionId)
            throws InvalidRequest {
        StateReader in = new StateReader("saved filesystem", bytes);
        long offered = in.u64();
        long agreed = in.u64();
        in.bool();
        in.bool();
        for (int i = 0; i < 3; i++) {
            if (in.u32() != 0) {
                throw new InvalidRequest("saved filesystem: mapped owners are not part of this version");
            }
        }
        boolean noOpen = in.bool();
        in.bool();
        in.bool();
        in.bool();
        byte[] tree = in.blob();
        int nextIndex = in.u8();
        in.end();
        StateReader names = new StateReader("saved tree", tree);
        long nextDirectory = names.u64();
        List<SavedDirectory> directories = new ArrayList<>();
        for (int left = names.count(1); left > 0; left--) {
            directories.add(new SavedDirectory(names.u64(), names.u64(), names.string()));
        }
        names.end();
        return new SavedState(
                mounts,
                new Negotiated(offered, agreed, noOpen),
                List.copyOf(directories),
                nextDirectory,
                nextIndex,
                connectionId);
    }

    private static List<String> strings(StateReader in) throws InvalidRequest {
        List<String> strings = new ArrayList<>();
        for (int left = in.count(1); left > 0; left--) {
            strings.add(in.string());
        }
        return List.copyOf(strings);
    }
}
