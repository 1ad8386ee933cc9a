package io.rafsd.builder;

import io.rafsd.rafs.layout.Xattr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One directory entry of the tree that becomes an image. Entries that are names of one file share its content: the first
 * of them, in the image's order, stands for the file. {@link SourceTree} numbers them once the tree is whole.
 */
final class Entry {

    private final byte[] name;
    private final Facts facts;
    private final List<Xattr> xattrs;
    private final byte[] target;
    private final FileData data;
    private final List<Entry> children;
    private int number;
    private @Nullable Entry parent;

    /**
     * @param name empty for the root
     * @param xattrs sorted by name
     * @param target of a symbolic link, else empty
     * @param data shared by all names of the file
     */
    Entry(byte[] name, Facts facts, List<Xattr> xattrs, byte[] target, FileData data) {
        this(name, facts, xattrs, target, data, new ArrayList<>(0));
    }

    private Entry(byte[] name, Facts facts, List<Xattr> xattrs, byte[] target, FileData data, List<Entry> children) {
        this.name = name;
        this.facts = facts;
        this.xattrs = xattrs;
        this.target = target;
        this.data = data;
        this.children = children;
    }

    /** A file or directory without content of its own. */
    static Entry plain(byte[] name, Facts facts) {
        return new Entry(name, facts, List.of(), new byte[0], new FileData(null));
    }

    /** Attributes of another entry with the children of this one. */
    Entry withAttributesOf(Entry other) {
        return new Entry(name, other.facts, other.xattrs, other.target, other.data, children);
    }

    Entry withXattrs(List<Xattr> changed) {
        return new Entry(name, facts, changed, target, data, children);
    }

    /** Gives it its place in the image. */
    void place(@Nullable Entry directory, int position) {
        parent = directory;
        number = position;
        data.addName(this);
    }

    /** In the image's order, the root has 1. */
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

    Facts facts() {
        return facts;
    }

    List<Xattr> xattrs() {
        return xattrs;
    }

    byte[] target() {
        return target;
    }

    FileData data() {
        return data;
    }

    /** The entry that stands for the file: this one, or an earlier name of it. */
    Entry file() {
        return facts.isRegular() ? data.firstOr(this) : this;
    }

    /** Sorted by the bytes of their names. */
    List<Entry> children() {
        return children;
    }

    /** The child of this name, or null. */
    @Nullable
    Entry child(byte[] wanted) {
        int at = find(wanted);
        return at < 0 ? null : children.get(at);
    }

    /** Adds a child, in place of the one of its name if there is one. */
    void put(Entry child) {
        int at = find(child.name);
        if (at < 0) {
            children.add(-at - 1, child);
        } else {
            children.set(at, child);
        }
    }

    void remove(byte[] unwanted) {
        int at = find(unwanted);
        if (at >= 0) {
            children.remove(at);
        }
    }

    private int find(byte[] wanted) {
        int low = 0;
        int high = children.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Arrays.compareUnsigned(children.get(middle).name, wanted);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    /** The link count that the image states. */
    int links() {
        if (facts.isRegular()) {
            return data.names();
        }
        if (!facts.isDirectory()) {
            return 1;
        }
        int links = 2;
        for (Entry child : children) {
            links += child.facts.isDirectory() ? 1 : 0;
        }
        return links;
    }
}
