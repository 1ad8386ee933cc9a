package io.rafsd.builder;

import io.rafsd.linux.RawPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan found.
 *
 * @param location of the tree
 * @param entries in the image's order, the root first
 * @param directories in the order in which the image lays them out: depth first
 */
record SourceTree(RawPath location, List<Entry> entries, List<Entry> directories) {

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
                @Nullable Entry child = child(at, name.getBytes(StandardCharsets.UTF_8));
                if (child == null) {
                    return null;
                }
                at = child;
            }
        }
        return at;
    }

    private static @Nullable Entry child(Entry directory, byte[] name) {
        int low = 0;
        int high = directory.children().size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Entry candidate = directory.children().get(middle);
            int order = Arrays.compareUnsigned(candidate.name(), name);
            if (order == 0) {
                return candidate;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }
}
