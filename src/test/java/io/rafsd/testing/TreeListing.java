package io.rafsd.testing;

import io.rafsd.linux.DirectoryNames;
import io.rafsd.linux.ExtendedAttributes;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.RawPath;
import io.rafsd.linux.SymbolicLink;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that is to be seen of a directory tree.
 *
 * @param entries by path, relative to the root, {@code .} for the root itself; raw bytes as Latin text
 */
public record TreeListing(SortedMap<String, Node> entries) {

    /**
     * One entry.
     *
     * @param names of its file inside the tree, 1 unless it is a regular file
     * @param file path of the first name of its file
     * @param size 0 unless it is a regular file
     * @param target of a link, else empty
     * @param xattrs by name, raw bytes as Latin text; only those that RAFS can hold
     * @param sha256 of the content of a regular file, else empty
     */
    public record Node(
            int mode,
            int uid,
            int gid,
            int deviceNumber,
            int names,
            String file,
            long size,
            long modifiedSeconds,
            int modifiedNanos,
            String target,
            SortedMap<String, String> xattrs,
            String sha256) {}

    /** Reads a tree from disk, or through a mount. */
    public static TreeListing of(RawPath root) throws IOException {
        SortedMap<String, Node> found = new TreeMap<>();
        Map<Long, String> firstNames = new HashMap<>();
        list(root, ".", found, firstNames);
        return new TreeListing(withNames(found));
    }

    private static void list(RawPath path, String name, SortedMap<String, Node> found, Map<Long, String> firstNames)
            throws IOException {
        FileStatus status = FileStatus.of(path);
        String file = status.isRegular() ? firstNames.computeIfAbsent(status.inode(), _ -> name) : name;
        boolean root = name.equals(".");
        found.put(
                name,
                new Node(
                        status.mode(),
                        status.uid(),
                        status.gid(),
                        status.isDirectory() || status.isRegular() || status.isSymlink() ? 0 : status.deviceNumber(),
                        1,
                        file,
                        status.isRegular() ? status.size() : 0,
                        // The root's time is not part of an image.
                        root ? 0 : status.modifiedSeconds(),
                        root ? 0 : status.modifiedNanos(),
                        status.isSymlink() ? latin(SymbolicLink.target(path)) : "",
                        xattrs(path),
                        status.isRegular() ? sha256(path) : ""));
        if (status.isDirectory()) {
            for (byte[] child : DirectoryNames.of(path)) {
                list(path.resolve(child), root ? latin(child) : name + "/" + latin(child), found, firstNames);
            }
        }
    }

    /** With the first name of each file by the order of paths, and the number of names. */
    public static SortedMap<String, Node> withNames(SortedMap<String, Node> nodes) {
        Map<String, String> first = new HashMap<>();
        Map<String, Integer> count = new HashMap<>();
        nodes.forEach((path, node) -> {
            first.putIfAbsent(node.file(), path);
            count.merge(node.file(), 1, Integer::sum);
        });
        SortedMap<String, Node> named = new TreeMap<>();
        nodes.forEach((path, n) -> named.put(
                path,
                new Node(
                        n.mode(),
                        n.uid(),
                        n.gid(),
                        n.deviceNumber(),
                        count.getOrDefault(n.file(), 1),
                        first.getOrDefault(n.file(), path),
                        n.size(),
                        n.modifiedSeconds(),
                        n.modifiedNanos(),
                        n.target(),
                        n.xattrs(),
                        n.sha256())));
        return named;
    }

    private static SortedMap<String, String> xattrs(RawPath path) throws IOException {
        SortedMap<String, String> xattrs = new TreeMap<>();
        for (byte[] name : ExtendedAttributes.names(path)) {
            if (Xattrs.canHold(MemorySegment.ofArray(name))) {
                xattrs.put(latin(name), latin(ExtendedAttributes.value(path, name)));
            }
        }
        return xattrs;
    }

    private static String sha256(RawPath path) throws IOException {
        MessageDigest digest = sha256();
        try (Arena arena = Arena.ofConfined();
                Fd fd = path.open(Fd.O_RDONLY)) {
            MemorySegment buffer = arena.allocate(Math.clamp(fd.size(), 1, 1 << 20));
            long offset = 0;
            for (long n = fd.pread(buffer, 0); n > 0; n = fd.pread(buffer, offset)) {
                digest.update(buffer.asSlice(0, n).asByteBuffer());
                offset += n;
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
