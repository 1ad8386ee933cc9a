package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Digests of the inodes of a RAFS v5 image: of a file over those of its chunks, of a directory over those of its children,
 * of a link over its target (RAFS format, section 1.10).
 *
 * @param tree in the image's order
 * @param algorithm of the image
 */
record InodeDigests(SourceTree tree, DigestAlgorithm algorithm) {

    /** By the number of the entry. */
    Digest[] all() {
        List<Entry> entries = tree.entries();
        Digest[] digests = new Digest[entries.size() + 1];
        // Children have higher numbers than the directory they lie in.
        for (Entry entry : entries.reversed()) {
            digests[entry.number()] = digest(entry, digests);
        }
        return digests;
    }

    private Digest digest(Entry entry, Digest[] digests) {
        if (entry.facts().isSymlink()) {
            return algorithm.digest(MemorySegment.ofArray(entry.target()));
        }
        if (entry.facts().isDirectory()) {
            return over(entry.children().stream()
                    .map(child -> digests[child.number()])
                    .toList());
        }
        return over(
                entry.facts().isRegular()
                        ? Arrays.stream(entry.data().chunks())
                                .map(Chunk::digest)
                                .toList()
                        : List.of());
    }

    private Digest over(List<Digest> parts) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[parts.size() * Digest.SIZE]);
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).write(bytes, (long) i * Digest.SIZE);
        }
        return algorithm.digest(bytes);
    }
}
