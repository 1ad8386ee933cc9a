package io.rafsd.builder;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which files the blob holds, in which order: those to prefetch first, then all others, each in the image's order (RAFS
 * format, sections 6.4 and 6.7).
 *
 * @param files regular files, each once
 * @param prefetched entries that the prefetch table lists
 */
record BlobOrder(List<Entry> files, List<Entry> prefetched) {

    /** Paths that the tree has not are skipped, and those below an earlier one. */
    static BlobOrder of(SourceTree tree, List<String> prefetch) {
        List<Entry> prefetched = new ArrayList<>();
        Set<Entry> files = new LinkedHashSet<>();
        // Indexed by number: is the entry one that is listed, or below one?
        boolean[] covered = new boolean[tree.entries().size() + 1];
        for (String path : prefetch) {
            @Nullable Entry match = tree.find(path);
            if (match != null && !covered[match.number()]) {
                prefetched.add(match);
                cover(tree, match, covered, files);
            }
        }
        for (Entry entry : tree.entries()) {
            addFile(entry, files);
        }
        return new BlobOrder(List.copyOf(files), List.copyOf(prefetched));
    }

    private static void cover(SourceTree tree, Entry top, boolean[] covered, Set<Entry> files) {
        boolean[] below = new boolean[covered.length];
        // A parent comes before its children.
        for (Entry entry :
                tree.entries().subList(top.number() - 1, tree.entries().size())) {
            if (entry == top || below[entry.parent().number()]) {
                below[entry.number()] = true;
                covered[entry.number()] = true;
                addFile(entry, files);
            }
        }
    }

    private static void addFile(Entry entry, Set<Entry> files) {
        if (entry.facts().isRegular()) {
            files.add(entry.file());
        }
    }
}
