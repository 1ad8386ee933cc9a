package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import java.nio.file.Path;
import java.util.List;

/**
 * Knows in which cache files of this machine a chunk with a given digest lies, so that an image need not download what
 * another one has brought. It is a hint: what is found is verified before it is used. Never fails; what goes wrong costs a
 * download. Safe for many threads; may block on the disk.
 */
public interface DedupDatabase extends AutoCloseable {

    /** For daemons that share nothing. */
    DedupDatabase NONE = new DedupDatabase() {
        @Override
        public boolean isUsed() {
            return false;
        }

        @Override
        public List<Place> find(DigestAlgorithm algorithm, Digest digest) {
            return List.of();
        }

        @Override
        public void add(DigestAlgorithm algorithm, Digest digest, Place place) {}

        @Override
        public void remove(DigestAlgorithm algorithm, Digest digest, Place place) {}

        @Override
        public void collectGarbage() {}

        @Override
        public void close() {}
    };

    /** Whether there is any use in asking. */
    boolean isUsed();

    /** Where the chunk may lie, a few places at most. */
    List<Place> find(DigestAlgorithm algorithm, Digest digest);

    /** Notes that the chunk lies there; returns before that is done. */
    void add(DigestAlgorithm algorithm, Digest digest, Place place);

    /** Notes that it does not. */
    void remove(DigestAlgorithm algorithm, Digest digest, Place place);

    /** Forgets files that are gone; when it returns, nothing of them is known. */
    void collectGarbage();

    @Override
    void close();

    /**
     * Where a chunk lies.
     *
     * @param file uncompressed cache file, absolute
     * @param offset in it
     */
    record Place(Path file, long offset) {}
}
