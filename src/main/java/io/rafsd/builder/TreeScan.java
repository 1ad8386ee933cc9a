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
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lists a directory tree in the order of an image: the children of a directory, by the bytes of their names, then what
 * lies below each of them (RAFS format, section 1.9).
 */
final class TreeScan {

    private static final int MAX_NAME = 255;
    private static final int MAX_TARGET = 4095;
    private static final int MAX_VALUE = (1 << 16) - 1;
    /** What the 16-bit count of an inode can express. */
    private static final long MAX_XATTRS = Xattrs.HEADER_SIZE + ((1 << 16) - 2) * 4L;

    private final List<Entry> entries = new ArrayList<>();
    private final List<Entry> directories = new ArrayList<>();
    private final Map<FileKey, Entry> linked = new HashMap<>();
    private final Deque<Located> open = new ArrayDeque<>();

    private TreeScan() {}

    /** What tells a file from all others. */
    private record FileKey(long device, long inode) {}

    /** A directory that is still to be listed. */
    private record Located(Entry directory, RawPath path) {}

    /** @throws InvalidRequest if the image cannot hold what is there */
    static SourceTree of(RawPath location) throws InvalidRequest, PosixError {
        return new TreeScan().run(location);
    }

    private SourceTree run(RawPath location) throws InvalidRequest, PosixError {
        Entry root = entry(null, new byte[0], location);
        if (!root.status().isDirectory()) {
            throw new InvalidRequest(location + " is no directory; an image is built from a directory");
        }
        open.push(new Located(root, location));
        while (!open.isEmpty()) {
            list(open.pop());
        }
        return new SourceTree(location, entries, directories);
    }

    private void list(Located located) throws InvalidRequest, PosixError {
        Entry directory = located.directory();
        directories.add(directory);
        List<byte[]> names = DirectoryNames.of(located.path());
        names.sort(Arrays::compareUnsigned);
        List<Located> below = new ArrayList<>();
        for (byte[] name : names) {
            RawPath path = located.path().resolve(name);
            if (name.length > MAX_NAME) {
                throw new InvalidRequest(
                        path + ": a name of " + name.length + " bytes; an image holds up to " + MAX_NAME);
            }
            Entry child = entry(directory, name, path);
            directory.children().add(child);
            if (child.status().isDirectory()) {
                below.add(new Located(child, path));
            }
        }
        for (Located child : below.reversed()) {
            open.push(child);
        }
    }

    private Entry entry(@Nullable Entry parent, byte[] name, RawPath path) throws InvalidRequest, PosixError {
        FileStatus status = FileStatus.of(path);
        byte[] target = status.isSymlink() ? target(path) : new byte[0];
        @Nullable Entry first = null;
        FileKey key = new FileKey(status.device(), status.inode());
        boolean mayBeLinked = status.isRegular() && status.nlink() > 1;
        if (mayBeLinked) {
            first = linked.get(key);
        }
        Entry entry = new Entry(entries.size() + 1, parent, name, status, xattrs(path), target, first);
        if (mayBeLinked && first == null) {
            linked.put(key, entry);
        }
        entries.add(entry);
        return entry;
    }

    private static byte[] target(RawPath path) throws InvalidRequest, PosixError {
        byte[] target = SymbolicLink.target(path);
        if (target.length > MAX_TARGET) {
            throw new InvalidRequest(
                    path + ": a link target of " + target.length + " bytes; an image holds up to " + MAX_TARGET);
        }
        return target;
    }

    /** Attributes whose prefix RAFS does not know are left out: they belong to the file system the source lies on. */
    private static List<Xattr> xattrs(RawPath path) throws InvalidRequest, PosixError {
        List<byte[]> names = ExtendedAttributes.names(path);
        if (names.isEmpty()) {
            return List.of();
        }
        names.sort(Arrays::compareUnsigned);
        List<Xattr> xattrs = new ArrayList<>();
        for (byte[] name : names) {
            MemorySegment key = MemorySegment.ofArray(name);
            if (Xattrs.canHold(key)) {
                byte[] value = ExtendedAttributes.value(path, name);
                if (value.length > MAX_VALUE) {
                    throw new InvalidRequest(path + ": extended attribute "
                            + new String(name, StandardCharsets.ISO_8859_1) + " has " + value.length
                            + " bytes; an image holds up to " + MAX_VALUE);
                }
                xattrs.add(new Xattr(key, MemorySegment.ofArray(value)));
            }
        }
        if (Xattrs.size(xattrs) > MAX_XATTRS) {
            throw new InvalidRequest(path + ": extended attributes of " + Xattrs.size(xattrs)
                    + " bytes in all; an image holds up to " + MAX_XATTRS + " per file");
        }
        return List.copyOf(xattrs);
    }
}
