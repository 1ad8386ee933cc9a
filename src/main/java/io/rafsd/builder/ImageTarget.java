package io.rafsd.builder;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where an image is built to. What is written appears whole or not at all.
 *
 * @param blobDirectory an existing directory for what is named by its digest
 * @param blob the file that becomes the blob; null to name it by its id, in the directory
 * @param bootstrap the file that becomes the bootstrap; null to name it by its SHA-256, in the directory
 * @param chunkTables whether the blob's chunk table is also written alone, as {@code <id>.blob.meta} in the directory
 */
public record ImageTarget(
        Path blobDirectory, @Nullable Path blob, @Nullable Path bootstrap, boolean chunkTables) {

    /** Where the blob lies while it is written, so that naming it is one step. */
    Path directoryOfBlob() {
        return blob == null
                ? blobDirectory
                : Objects.requireNonNull(blob.toAbsolutePath().getParent());
    }
}
