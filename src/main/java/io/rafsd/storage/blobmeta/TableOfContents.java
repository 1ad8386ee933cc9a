package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.TarHeader;
import io.rafsd.blob.TocEntry;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import java.lang.foreign.MemorySegment;

/**
 * The table of contents at the end of the blob that holds a chunk table. The image states its digest, and it states that of
 * the chunk table: so the chain from the bootstrap to the table holds (RAFS format, sections 3.3 and 4.1).
 */
final class TableOfContents {

    private final BlobInfo blob;
    private final MemorySegment bytes;

    private TableOfContents(BlobInfo blob, MemorySegment bytes) {
        this.blob = blob;
        this.bytes = bytes;
    }

    /** Whether the image states the digest of one. */
    static boolean isStated(BlobInfo blob) {
        return blob.tocDigest() != null;
    }

    /** @throws InvalidImage if the size that the image states cannot be one */
    static void requireSize(BlobInfo blob) throws InvalidImage {
        int size = blob.tocSize();
        if (size < TarHeader.SIZE || size % TocEntry.SIZE != 0) {
            throw new InvalidImage("blob " + blob.id() + ": a table of contents of " + size + " bytes is no entries of "
                    + TocEntry.SIZE + " and a header of " + TarHeader.SIZE);
        }
    }

    /**
     * Checks the bytes at the end of a blob.
     *
     * @param bytes as many as the image says
     * @throws IntegrityFailure if they have not the digest that the image states
     */
    static TableOfContents check(BlobInfo blob, MemorySegment bytes) throws IntegrityFailure {
        Digest found = DigestAlgorithm.SHA256.digest(bytes);
        if (!found.equals(blob.tocDigest())) {
            throw new IntegrityFailure("blob " + blob.id() + ": the last " + bytes.byteSize()
                    + " bytes of the blob with its chunk table, its table of contents, have the SHA-256 " + found
                    + "; the image states " + blob.tocDigest());
        }
        return new TableOfContents(blob, bytes);
    }

    /** @throws IntegrityFailure if a section, uncompressed and plain, is listed with another digest than it has */
    void require(String section, MemorySegment plain) throws IntegrityFailure {
        Digest found = DigestAlgorithm.SHA256.digest(plain);
        for (int i = 0; i < (bytes.byteSize() - TarHeader.SIZE) / TocEntry.SIZE; i++) {
            TocEntry entry = TocEntry.at(bytes, i);
            if (entry.name().equals(section) && !entry.digest().equals(found)) {
                throw new IntegrityFailure("blob " + blob.id() + ": its section " + section + " has the SHA-256 "
                        + found + ", its table of contents says " + entry.digest());
            }
        }
    }
}
