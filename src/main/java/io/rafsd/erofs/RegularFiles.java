package io.rafsd.erofs;

import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** The regular files of an image, found from its root. For one use by one thread. */
final class RegularFiles {

    private final RafsMetadata metadata;
    private final Deque<Long> open = new ArrayDeque<>();
    private final Set<Long> directories = new HashSet<>();
    private long[] files = new long[1024];
    private int count;

    private RegularFiles(RafsMetadata metadata) {
        this.metadata = metadata;
    }

    /** Their inode numbers, each once. Checks the rules of every inode on the way. */
    static long[] of(RafsMetadata metadata) throws IOException {
        RegularFiles found = new RegularFiles(metadata);
        found.walk();
        return Arrays.stream(found.files, 0, found.count).sorted().distinct().toArray();
    }

    private void walk() throws IOException {
        add(metadata.rootIno());
        while (!open.isEmpty()) {
            metadata.readDirectory(open.pop(), 0, (name, ino, _, _) -> {
                if (!isDots(name)) {
                    add(ino);
                }
                return true;
            });
        }
    }

    private void add(long ino) throws IOException {
        Attributes attributes = new Attributes();
        metadata.attributes(ino, attributes);
        if (attributes.isDirectory()) {
            if (directories.add(ino)) {
                open.push(ino);
            }
        } else if (attributes.isRegular()) {
            if (count == files.length) {
                files = Arrays.copyOf(files, 2 * count);
            }
            files[count++] = ino;
        }
    }

    private static boolean isDots(MemorySegment name) {
        long size = name.byteSize();
        return size <= 2
                && name.get(ValueLayout.JAVA_BYTE, 0) == '.'
                && name.get(ValueLayout.JAVA_BYTE, size - 1) == '.';
    }
}
