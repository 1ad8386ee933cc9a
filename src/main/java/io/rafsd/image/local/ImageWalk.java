package io.rafsd.image.local;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes through all entries of an image, each directory before what lies in it, in the order of the names. */
public final class ImageWalk {

    /** No kernel follows paths that are deeper. */
    private static final int MAX_DEPTH = 2048;

    private final RafsMetadata metadata;
    private final Visitor visitor;

    private ImageWalk(RafsMetadata metadata, Visitor visitor) {
        this.metadata = metadata;
        this.visitor = visitor;
    }

    /**
     * One entry.
     *
     * @param path from the root, beginning with a slash; raw bytes as Latin text
     * @param parent inode number of the directory; the root's own for the root
     * @param attributes of its inode
     */
    public record Visited(String path, long parent, Attributes attributes) {

        /** Raw bytes as Latin text; a slash for the root. */
        public String name() {
            return path.equals("/") ? path : path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /** Sees the entries. */
    @FunctionalInterface
    public interface Visitor {

        void visit(Visited entry) throws IOException;
    }

    /** A name in a directory. */
    record Child(String name, long ino) {}

    public static void walk(RafsMetadata metadata, Visitor visitor) throws IOException {
        long root = metadata.rootIno();
        new ImageWalk(metadata, visitor).visit("/", root, root, 0);
    }

    /**
     * The entry at a path, without going through the rest of the image.
     *
     * @param path from the root, beginning with a slash, without dots; raw bytes as Latin text
     * @return null if there is none
     */
    public static @Nullable Visited find(RafsMetadata metadata, String path) throws IOException {
        long parent = metadata.rootIno();
        Attributes attributes = attributes(metadata, parent);
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty()) {
                byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
                parent = attributes.ino;
                long ino = attributes.isDirectory()
                        ? metadata.child(parent, MemorySegment.ofArray(bytes))
                        : RafsMetadata.ABSENT;
                if (ino == RafsMetadata.ABSENT) {
                    return null;
                }
                attributes = attributes(metadata, ino);
            }
        }
        return new Visited(path, parent, attributes);
    }

    /** The entries of a directory, in the order of their names. */
    public static List<Visited> children(RafsMetadata metadata, Visited directory) throws IOException {
        List<Visited> children = new ArrayList<>();
        String prefix = directory.path.equals("/") ? "/" : directory.path + "/";
        for (Child child : children(metadata, directory.attributes.ino)) {
            children.add(new Visited(prefix + child.name, directory.attributes.ino, attributes(metadata, child.ino)));
        }
        return children;
    }

    private static Attributes attributes(RafsMetadata metadata, long ino) throws IOException {
        Attributes attributes = new Attributes();
        metadata.attributes(ino, attributes);
        return attributes;
    }

    private void visit(String path, long ino, long parent, int depth) throws IOException {
        Attributes attributes = attributes(metadata, ino);
        visitor.visit(new Visited(path, parent, attributes));
        if (!attributes.isDirectory()) {
            return;
        }
        if (depth == MAX_DEPTH) {
            throw new InvalidImage(path + ": directories are nested more than " + MAX_DEPTH + " deep");
        }
        for (Child child : children(metadata, ino)) {
            visit((path.equals("/") ? path : path + "/") + child.name, child.ino, ino, depth + 1);
        }
    }

    /** The entries of a directory without both dots. */
    static List<Child> children(RafsMetadata metadata, long directory) throws IOException {
        List<Child> children = new ArrayList<>();
        metadata.readDirectory(directory, 0, (name, ino, _, _) -> {
            String text = new String(name.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
            if (!text.equals(".") && !text.equals("..")) {
                children.add(new Child(text, ino));
            }
            return true;
        });
        return children;
    }
}
