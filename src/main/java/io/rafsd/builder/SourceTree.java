package io.rafsd.builder;

import io.rafsd.linux.RawPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole tree in the order of an image: the children of a directory, by the bytes of their names, then what lies below
 * each of them (RAFS format, section 1.9).
 *
 * @param location where the files of the tree lie, if they are read from a directory
 * @param entries in the image's order, the root first
 * @param directories in the order in which the image lays them out: depth first
 */
record SourceTree(RawPath location, List<Entry> entries, List<Entry> directories) {

    /** Numbers the entries of a tree that changes no more. */
    static SourceTree of(RawPath location, Entry root) {
        List<Entry> entries = new ArrayList<>();
        List<Entry> directories = new ArrayList<>();
        entries.add(root);
        root.place(null, 1);
        Deque<Entry> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            Entry directory = open.pop();
            directories.add(directory);
            for (Entry child : directory.children()) {
                entries.add(child);
                child.place(directory, entries.size());
            }
            for (Entry child : directory.children().reversed()) {
                if (child.facts().isDirectory()) {
                    open.push(child);
                }
            }
        }
        return new SourceTree(location, entries, directories);
    }

    Entry root() {
        return entries.getFirst();
    }

    /** Where an entry lies in the source. */
    RawPath path(Entry entry) {
        Deque<byte[]> names = new ArrayDeque<>();
        for (Entry at = entry; !at.isRoot(); at = at.parent()) {
            names.push(at.name());
        }
        RawPath path = location;
        for (byte[] name : names) {
            path = path.resolve(name);
        }
        return path;
    }

    /** The entry at an absolute path of the image, or null. */
    @Nullable
    Entry find(String path) {
        Entry at = root();
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty()) {
                Entry child = at.child(name.getBytes(StandardCharsets.UTF_8));
                if (child == null) {
                    return null;
                }
                at = child;
            }
        }
        return at;
    }
}
