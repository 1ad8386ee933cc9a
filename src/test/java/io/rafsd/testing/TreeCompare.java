package io.rafsd.testing;

import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/** The one judge of whether two directory trees are the same: names, attributes, hard links and every byte. */
public final class TreeCompare {

    private TreeCompare() {}

    /** One line for each entry that differs; empty if the trees are the same. */
    public static List<String> differences(Path expected, Path actual) throws IOException {
        return differences(TreeListing.of(RawPath.of(expected)), TreeListing.of(RawPath.of(actual)));
    }

    /** One line for each entry that differs; empty if the trees are the same. */
    public static List<String> differences(TreeListing expected, TreeListing actual) {
        SortedSet<String> paths = new TreeSet<>(expected.entries().keySet());
        paths.addAll(actual.entries().keySet());
        List<String> differences = new ArrayList<>();
        for (String path : paths) {
            TreeListing.Node wanted = expected.entries().get(path);
            TreeListing.Node found = actual.entries().get(path);
            if (!Objects.equals(wanted, found)) {
                differences.add(path + ": expected " + wanted + ", found " + found);
            }
        }
        return differences;
    }
}
