package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Asks an image of doubtful origin for everything that can be reached in it. Entries that break a rule are passed over; any
 * other failure is the reader's fault.
 */
final class MetadataWalk {

    /** An inode may claim a size without an end. */
    private static final int MOST_CHUNKS = 2000;

    private static final int MOST_ENTRIES = 100_000;

    private final RafsMetadata metadata;
    private final Set<Long> seen = new HashSet<>();
    private final Deque<Long> open = new ArrayDeque<>();
    private int entries;

    MetadataWalk(RafsMetadata metadata) {
        this.metadata = metadata;
    }

    private record Entry(MemorySegment name, long ino) {}

    void all() throws IOException {
        open.add(metadata.rootIno());
        open.addAll(metadata.prefetchInodes());
        while (!open.isEmpty()) {
            long ino = open.pop();
            if (seen.add(ino)) {
                tolerating(() -> visit(ino));
            }
        }
    }

    private void visit(long ino) throws IOException {
        Attributes attributes = new Attributes();
        metadata.attributes(ino, attributes);
        tolerating(() -> xattrs(ino));
        if (attributes.isDirectory()) {
            directory(ino);
        } else if (attributes.isRegular()) {
            chunks(ino);
        } else if ((attributes.mode & Attributes.TYPE_MASK) == Attributes.SYMLINK) {
            require(metadata.symlinkTarget(ino).byteSize() == attributes.size, "a link's target has not its size");
        }
    }

    private void xattrs(long ino) throws IOException {
        String names = new String(metadata.extendedAttributeNames(ino), StandardCharsets.ISO_8859_1);
        for (String name : names.split("\0", -1)) {
            if (!name.isEmpty()) {
                MemorySegment raw = MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1));
                require(metadata.extendedAttribute(ino, raw) != null, "a listed attribute is not there");
            }
        }
    }

    private void directory(long ino) throws IOException {
        List<Entry> found = new ArrayList<>();
        metadata.readDirectory(ino, 0, (name, child, _, _) -> {
            found.add(new Entry(MemorySegment.ofArray(name.toArray(ValueLayout.JAVA_BYTE)), child));
            return ++entries < MOST_ENTRIES;
        });
        for (Entry entry : found) {
            require(entry.name.byteSize() > 0 && entry.name.byteSize() <= 255, "a name of no legal length");
            long child = metadata.child(ino, entry.name);
            require(child == entry.ino, "looking up finds another inode than listing");
            open.push(child);
        }
    }

    private void chunks(long ino) throws IOException {
        long size = metadata.fileSize(ino);
        for (long position = 0; position * metadata.chunkSize() < size && position < MOST_CHUNKS; position++) {
            int chunk = metadata.chunk(ino, position);
            int blob = RafsMetadata.blobOf(chunk);
            require(blob < metadata.blobs().size(), "a chunk of a blob that is none");
            require(
                    RafsMetadata.indexOf(chunk) < metadata.blobs().get(blob).chunkCount(),
                    "a chunk that its blob does not have");
            require(metadata.chunkOffset(ino, position) >= 0, "a chunk before its blob");
        }
    }

    private static void require(boolean rule, String broken) {
        if (!rule) {
            throw new AssertionError(broken);
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private static void tolerating(Step step) throws IOException {
        try {
            step.run();
        } catch (InvalidImage | PosixError e) {
            require(e.getMessage() != null, "a refusal without a word");
        }
    }
}
