package io.rafsd.mount;

import io.rafsd.blob.BlobInfo;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.cache.BlobCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the caches of an image for the chunks of files that are to be fetched before anybody reads them: listed ones in the
 * order of the list, directories with all that is below them, each chunk once. What cannot be found or walked is passed
 * over. For one use by one thread.
 */
final class Warming {

    private static final Logger log = LoggerFactory.getLogger(Warming.class);

    private final RafsMetadata metadata;
    private final List<BlobCache> blobs;
    private final ReadContext context;
    private final Set<Long> seen = new HashSet<>();
    private final List<BitSet> asked = new ArrayList<>();

    /** @param blobs by their index in the image */
    Warming(RafsMetadata metadata, List<BlobCache> blobs, ReadContext context) {
        this.metadata = metadata;
        this.blobs = blobs;
        this.context = context;
        blobs.forEach(_ -> asked.add(new BitSet()));
    }

    /**
     * @param files absolute paths; where there are none, the image's own list counts
     * @param thenEverything whether all the rest is fetched as well
     */
    void run(List<String> files, boolean thenEverything) {
        List<Long> listed = files.isEmpty() ? metadata.prefetchInodes() : find(files);
        if (listed.contains(metadata.rootIno())) {
            fetchEverything();
            return;
        }
        for (long ino : listed) {
            fetch(ino);
        }
        if (thenEverything) {
            fetchEverything();
        }
    }

    private List<Long> find(List<String> files) {
        List<Long> found = new ArrayList<>();
        for (String file : files) {
            try {
                long ino = find(file);
                if (ino != RafsMetadata.ABSENT) {
                    found.add(ino);
                }
            } catch (IOException e) {
                log.atDebug().log("{} is not fetched in advance: {}", file, e.getMessage());
            }
        }
        return found;
    }

    private long find(String file) throws IOException {
        long ino = metadata.rootIno();
        for (String name : file.split("/", -1)) {
            if (!name.isEmpty() && ino != RafsMetadata.ABSENT) {
                ino = metadata.child(ino, MemorySegment.ofArray(name.getBytes(StandardCharsets.UTF_8)));
            }
        }
        return ino;
    }

    private void fetchEverything() {
        for (BlobInfo blob : metadata.blobs()) {
            if (blob.chunkCount() > 0) {
                blobs.get(blob.index()).prefetch(0, blob.chunkCount() - 1, context);
            }
        }
    }

    /** What is below {@code top}, that itself if it is a file. */
    private void fetch(long top) {
        List<BitSet> wanted = new ArrayList<>();
        blobs.forEach(_ -> wanted.add(new BitSet()));
        Deque<Long> open = new ArrayDeque<>(List.of(top));
        Attributes attributes = new Attributes();
        while (!open.isEmpty()) {
            long ino = open.pop();
            if (seen.add(ino)) {
                try {
                    metadata.attributes(ino, attributes);
                    if (attributes.isDirectory()) {
                        open.addAll(children(ino));
                    } else if (attributes.isRegular()) {
                        addChunks(ino, wanted);
                    }
                } catch (IOException e) {
                    log.atDebug().log("inode {} is not fetched in advance: {}", ino, e.getMessage());
                }
            }
        }
        for (int blob = 0; blob < blobs.size(); blob++) {
            ask(blob, wanted.get(blob));
        }
    }

    private List<Long> children(long directory) throws IOException {
        List<Long> children = new ArrayList<>();
        metadata.readDirectory(directory, 0, (name, child, _, _) -> {
            if (!isDots(name)) {
                children.add(child);
            }
            return true;
        });
        return children;
    }

    private static boolean isDots(MemorySegment name) {
        long size = name.byteSize();
        return size <= 2
                && name.get(ValueLayout.JAVA_BYTE, 0) == '.'
                && name.get(ValueLayout.JAVA_BYTE, size - 1) == '.';
    }

    private void addChunks(long ino, List<BitSet> wanted) throws IOException {
        long size = metadata.fileSize(ino);
        for (long position = 0; position * metadata.chunkSize() < size; position++) {
            int packed = metadata.chunk(ino, position);
            int chunk = RafsMetadata.indexOf(packed);
            if (!asked.get(RafsMetadata.blobOf(packed)).get(chunk)) {
                wanted.get(RafsMetadata.blobOf(packed)).set(chunk);
            }
        }
    }

    private void ask(int blob, BitSet wanted) {
        for (int first = wanted.nextSetBit(0); first >= 0; ) {
            int end = wanted.nextClearBit(first);
            blobs.get(blob).prefetch(first, end - 1, context);
            first = wanted.nextSetBit(end);
        }
        asked.get(blob).or(wanted);
    }
}
