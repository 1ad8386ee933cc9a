package io.rafsd.builder;

import io.rafsd.error.InvalidRequest;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How layers are merged. Each list is empty, or has a place for each layer.
 *
 * @param layers bootstraps, the lowest first
 * @param parent bootstrap that all of them lie on, or null
 * @param dictionary bootstrap whose blobs any layer may use besides its own, or null
 * @param blobIds what the blobs of the layers are called
 * @param blobSizes bytes of the blobs of the layers
 * @param prefetch absolute paths that the result lists for prefetching
 */
public record MergeOptions(
        List<Path> layers,
        @Nullable Path parent,
        @Nullable Path dictionary,
        List<String> blobIds,
        List<Long> blobSizes,
        List<String> prefetch) {

    public MergeOptions {
        layers = List.copyOf(layers);
        blobIds = List.copyOf(blobIds);
        blobSizes = List.copyOf(blobSizes);
        prefetch = List.copyOf(prefetch);
    }

    /** @throws InvalidRequest if a list is too long or too short */
    void check() throws InvalidRequest {
        if (layers.isEmpty()) {
            throw new InvalidRequest("no bootstrap to merge; give one for each layer, the lowest first");
        }
        checkCount("blob digests or ids", blobIds.size());
        checkCount("blob sizes", blobSizes.size());
    }

    private void checkCount(String what, int count) throws InvalidRequest {
        if (count != 0 && count != layers.size()) {
            throw new InvalidRequest(
                    count + " " + what + " for " + layers.size() + " bootstraps; give one for each, or none");
        }
    }
}
