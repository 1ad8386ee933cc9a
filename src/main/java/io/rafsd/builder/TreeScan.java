package io.rafsd.builder;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.DirectoryNames;
import io.rafsd.linux.ExtendedAttributes;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.RawPath;
import io.rafsd.linux.SymbolicLink;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lists a directory tree. */
final class TreeScan {

    private final Map<FileKey, FileData> linked = new HashMap<>();
    private final Deque<Located> open = new ArrayDeque<>();

    private TreeScan() {}

    /** What tells a file from all others. */
    private record FileKey(long device, long inode) {}

    /** A directory that is still to be listed. */
    private record Located(Entry directory, RawPath path) {}

    /**
     * The root of the tree there. Its time is when the tree was put there, and no part of it.
     *
     * @throws InvalidRequest if the image cannot hold what is there
     */
    static Entry of(RawPath location) throws InvalidRequest, PosixError {
        return new TreeScan().run(location);
    }

    private Entry run(RawPath location) throws InvalidRequest, PosixError {
        Entry root = entry(new byte[0], location);
        if (!root.facts().isDirectory()) {
            throw new InvalidRequest(location + " is no directory; an image is built from a directory");
        }
        open.push(new Located(root, location));
        while (!open.isEmpty()) {
            list(open.pop());
        }
        return root;
    }

    private void list(Located located) throws InvalidRequest, PosixError {
        Entry directory = located.directory();
        List<byte[]> names = DirectoryNames.of(located.path());
        names.sort(Arrays::compareUnsigned);
        for (byte[] name : names) {
            RawPath path = located.path().resolve(name);
            EntryRules.checkName(name, path);
            Entry child = entry(name, path);
            directory.children().add(child);
            if (child.facts().isDirectory()) {
                open.push(new Located(child, path));
            }
        }
    }

    private Entry entry(byte[] name, RawPath path) throws InvalidRequest, PosixError {
        FileStatus status = FileStatus.of(path);
        byte[] target = status.isSymlink() ? target(path) : new byte[0];
        boolean mayBeLinked = status.isRegular() && status.nlink() > 1;
        FileData data = mayBeLinked
                ? linked.computeIfAbsent(new FileKey(status.device(), status.inode()), _ -> new FileData(status))
                : new FileData(status);
        Facts facts = Facts.of(status);
        return new Entry(name, name.length == 0 ? facts.withoutTime() : facts, xattrs(path), target, data);
    }

    private static byte[] target(RawPath path) throws InvalidRequest, PosixError {
        byte[] target = SymbolicLink.target(path);
        EntryRules.checkTarget(target, path);
        return target;
    }

    private static List<Xattr> xattrs(RawPath path) throws InvalidRequest, PosixError {
        List<byte[]> names = ExtendedAttributes.names(path);
        if (names.isEmpty()) {
            return List.of();
        }
        List<Xattr> xattrs = new ArrayList<>();
        for (byte[] name : names) {
            MemorySegment key = MemorySegment.ofArray(name);
            if (Xattrs.canHold(key)) {
                xattrs.add(new Xattr(key, MemorySegment.ofArray(ExtendedAttributes.value(path, name))));
            }
        }
        return EntryRules.xattrs(xattrs, path);
    }
}
