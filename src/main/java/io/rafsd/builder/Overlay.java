package io.rafsd.builder;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Puts one layer on another: what the upper one has stands in the place of what the lower one has, and what it hides is gone
 * (RAFS format, section 6.6). A layer never hides what it has itself.
 *
 * @param whiteouts how the upper layer says what it hides
 */
record Overlay(Whiteouts whiteouts) {

    /** A directory of the result, and what is still to be put on it. */
    private record Open(Entry result, Entry upper) {}

    /** Changes the lower tree into the result, and gives back its root. */
    Entry merge(Entry lower, Entry upper) {
        Entry root = lower.withAttributesOf(upper);
        Deque<Open> open = new ArrayDeque<>();
        open.push(new Open(root, upper));
        while (!open.isEmpty()) {
            Open next = open.pop();
            hide(next.result, next.upper);
            for (Entry child : next.upper.children()) {
                if (!isMark(child)) {
                    put(next.result, child, open);
                }
            }
        }
        return root;
    }

    /** Leaves out of a lowest layer what only hides: there is nothing below it. */
    void dropMarks(Entry root) {
        Deque<Entry> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            Entry directory = open.pop();
            directory.children().removeIf(this::isMark);
            directory.children().stream()
                    .filter(child -> child.facts().isDirectory())
                    .forEach(open::push);
        }
    }

    private boolean isMark(Entry entry) {
        return whiteouts.isOpaqueMark(entry) || whiteouts.hiddenBy(entry) != null;
    }

    private void hide(Entry result, Entry upper) {
        for (Entry child : upper.children()) {
            byte[] hidden = whiteouts.hiddenBy(child);
            if (whiteouts.isOpaqueMark(child)) {
                result.children().clear();
            } else if (hidden != null) {
                result.remove(hidden);
            }
        }
    }

    private void put(Entry result, Entry upper, Deque<Open> open) {
        Entry lower = result.child(upper.name());
        if (!upper.facts().isDirectory()) {
            result.put(upper);
            return;
        }
        boolean opaque = whiteouts.isOpaque(upper);
        Entry attributes = opaque ? Whiteouts.withoutOpaqueAttribute(upper) : upper;
        Entry directory;
        if (lower == null || !lower.facts().isDirectory() || opaque) {
            directory =
                    new Entry(upper.name(), attributes.facts(), attributes.xattrs(), new byte[0], new FileData(null));
        } else {
            directory = lower.withAttributesOf(attributes);
        }
        result.put(directory);
        open.push(new Open(directory, upper));
    }

    /** All layers, the lowest first, as one tree. */
    Entry merge(List<Entry> layers) {
        Entry merged = layers.getFirst();
        for (Entry upper : layers.subList(1, layers.size())) {
            merged = merge(merged, upper);
        }
        return merged;
    }
}
