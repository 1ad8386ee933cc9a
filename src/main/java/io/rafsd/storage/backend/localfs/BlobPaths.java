package io.rafsd.storage.backend.localfs;

import io.rafsd.blob.BlobId;
import io.rafsd.storage.backend.BackendConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a blob's file may lie, first place first: the one blob file, else the directory, then its alternatives. */
final class BlobPaths {

    private BlobPaths() {}

    static List<Path> of(BackendConfig.LocalFs config, BlobId id) {
        List<Path> paths = new ArrayList<>();
        if (config.blobFile() != null) {
            paths.add(config.blobFile());
        } else if (config.directory() != null) {
            paths.add(config.directory().resolve(id.value()));
        }
        for (Path alternative : config.alternativeDirectories()) {
            paths.add(alternative.resolve(id.value()));
        }
        return List.copyOf(paths);
    }
}
