package io.rafsd.builder;

import io.rafsd.linux.FileStatus;
import io.rafsd.rafs.layout.Xattr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One directory entry of the source tree. Entries that are names of one file share its content: the first of them, in the
 * image's order, stands for the file. Filled by the scan, then only read.
 */
final class Entry {

    private final int number;
    private final @Nullable Entry parent;
    private final byte[] name;
    private final FileStatus status;
    private final List<Xattr> xattrs;
    private final byte[] target;
    private final @Nullable Entry first;
    private final List<Entry> children = new ArrayList<>(0);
    private int names = 1;

    /**
     * @param number in the image's order, the root has 1
     * @param parent null for the root
     * @param target of a symbolic link, else empty
     * @param first the first name of the same file, null if this is it
     */
    Entry(
            int number,
            @Nullable Entry parent,
            byte[] name,
            FileStatus status,
            List<Xattr> xattrs,
            byte[] target,
            @Nullable Entry first) {
        this.number = number;
        this.parent = parent;
        this.name = name;
        this.status = status;
        this.xattrs = xattrs;
        this.target = target;
        this.first = first;
        if (first != null) {
            first.names++;
        }
    }

    int number() {
        return number;
    }

    /** The directory it lies in; the root lies in itself. */
    Entry parent() {
        return parent == null ? this : parent;
    }

    boolean isRoot() {
        return parent == null;
    }

    byte[] name() {
        return name;
    }

    FileStatus status() {
        return status;
    }

    /** Sorted by name. */
    List<Xattr> xattrs() {
        return xattrs;
    }

    byte[] target() {
        return target;
    }

    /** The entry that stands for the file: this one, or an earlier name of it. */
    Entry file() {
        return first == null ? this : first;
    }

    /** Sorted by name; the scan adds to it. */
    List<Entry> children() {
        return children;
    }

    /** The link count that the image states. */
    int links() {
        if (!status.isDirectory()) {
            return file().names;
        }
        int links = 2;
        for (Entry child : children) {
            links += child.status.isDirectory() ? 1 : 0;
        }
        return links;
    }
}
