package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import io.rafsd.error.InvalidRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How layers are merged. Each list is empty, or has a place for each layer.
 *
 * @param layers bootstraps, the lowest first
 * @param parent bootstrap that all of them lie on, or null
 * @param dictionary bootstrap whose blobs any layer may use besides its own, or null
 * @param blobIds what the blobs of the layers are called
 * @param blobDigests SHA-256 of the layers' blobs; of those that only hold the chunk table of a layer, if so
 * @param blobSizes bytes of the same blobs
 * @param tocDigests SHA-256 of their tables of contents
 * @param tocSizes bytes of those
 * @param prefetch absolute paths that the result lists for prefetching
 */
public record MergeOptions(
        List<Path> layers,
        @Nullable Path parent,
        @Nullable Path dictionary,
        List<String> blobIds,
        List<String> blobDigests,
        List<Long> blobSizes,
        List<String> tocDigests,
        List<Long> tocSizes,
        List<String> prefetch) {

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final int MAX_TOC = 1 << 16;

    /** Layers that say all there is to be known of their blobs. */
    public static MergeOptions of(List<Path> layers) {
        return new MergeOptions(layers, null, null, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    public MergeOptions {
        layers = List.copyOf(layers);
        blobIds = List.copyOf(blobIds);
        blobDigests = List.copyOf(blobDigests);
        blobSizes = List.copyOf(blobSizes);
        tocDigests = List.copyOf(tocDigests);
        tocSizes = List.copyOf(tocSizes);
        prefetch = List.copyOf(prefetch);
    }

    /** @throws InvalidRequest if a list is too long or too short */
    void check() throws InvalidRequest {
        if (layers.isEmpty()) {
            throw new InvalidRequest("no bootstrap to merge; give one for each layer, the lowest first");
        }
        checkCount("blob ids", blobIds.size());
        checkCount("blob digests", blobDigests.size());
        checkCount("blob sizes", blobSizes.size());
        checkCount("digests of tables of contents", tocDigests.size());
        checkCount("sizes of tables of contents", tocSizes.size());
        for (String id : blobIds) {
            require(BlobId.isLegal(id), id, "blob id");
        }
        for (String digest : blobDigests) {
            require(isDigest(digest), digest, "SHA-256 of a blob");
        }
        for (String digest : tocDigests) {
            require(isDigest(digest), digest, "SHA-256 of a table of contents");
        }
        for (long size : tocSizes) {
            require(size >= 0 && size <= MAX_TOC, size, "size of a table of contents");
        }
    }

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    private static void require(boolean rule, Object found, String what) throws InvalidRequest {
        if (!rule) {
            throw new InvalidRequest("'" + found + "' is no " + what);
        }
    }

    private void checkCount(String what, int count) throws InvalidRequest {
        if (count != 0 && count != layers.size()) {
            throw new InvalidRequest(
                    count + " " + what + " for " + layers.size() + " bootstraps; give one for each, or none");
        }
    }
}
