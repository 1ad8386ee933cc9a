package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.error.InvalidImage;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The name of the file that a bootstrap came from. A bootstrap inside a blob cannot know the blob's id, which is a digest
 * over it as well: that id is the name of the file, up to the first dot (RAFS format, section 3.9).
 *
 * @param text up to the first dot; null where there is no file
 * @param ofBlob whether the file is a blob that holds the bootstrap
 */
record BootstrapName(@Nullable String text, boolean ofBlob) {

    /** What stands in the place of an id that is not known. */
    private static final String UNKNOWN = "x".repeat(64);

    static BootstrapName of(Path file, boolean ofBlob) {
        String name = String.valueOf(file.getFileName());
        int dot = name.indexOf('.');
        return new BootstrapName(dot < 0 ? name : name.substring(0, dot), ofBlob);
    }

    /**
     * The id under which a blob is to be found.
     *
     * @param stated in the blob table
     * @param features of the blob
     * @param last whether it is the last in the table: the one that a builder added
     */
    BlobId idOf(String stated, int features, boolean last) throws InvalidImage {
        // Builders before 2.2 stored the digest of the blob as it was before they added the bootstrap.
        boolean old = ofBlob && last && (features & BlobFeatures.CAP_TAR_TOC) == 0;
        return stated.equals(UNKNOWN) || old ? own() : legal(stated);
    }

    /** The id of the blob that the file is, or was extracted from. */
    BlobId own() throws InvalidImage {
        if (text == null) {
            throw new InvalidImage("its id is the name of the file that holds the bootstrap, which has none");
        }
        return legal(text);
    }

    private static BlobId legal(String id) throws InvalidImage {
        if (!BlobId.isLegal(id)) {
            throw new InvalidImage("its id '" + id + "' is no name of 1 to 64 letters and digits");
        }
        return new BlobId(id);
    }
}
