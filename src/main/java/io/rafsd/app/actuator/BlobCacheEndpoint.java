package io.rafsd.app.actuator;

import io.rafsd.blob.BlobId;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.mount.BlobCacheMgr;
import io.rafsd.storage.cache.BlobCacheManager;
import io.rafsd.storage.cache.BlobCacheManager.CachedBlob;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** {@code /actuator/blobcache}: what is on local disk, blob by blob. Deleting has to be allowed by configuration. */
@Endpoint(id = "blobcache", defaultAccess = Access.READ_ONLY)
public final class BlobCacheEndpoint {

    private final BlobCacheManager caches;

    private final BlobCacheMgr bound;

    /** @param bound what is held without being mounted */
    public BlobCacheEndpoint(BlobCacheManager caches, BlobCacheMgr bound) {
        this.caches = caches;
        this.bound = bound;
    }

    /**
     * As {@link CachedBlob}, for JSON.
     *
     * @param boundAs keys by which the blob cache manager holds it
     */
    public record BlobView(
            String id,
            String path,
            long sizeBytes,
            long diskBytes,
            int chunks,
            int readyChunks,
            int verifiedChunks,
            int users,
            List<String> boundAs) {}

    @ReadOperation
    public List<BlobView> all() {
        return caches.blobs().stream().map(this::view).toList();
    }

    @ReadOperation
    public @Nullable BlobView one(@Selector String id) {
        return caches.blobs().stream()
                .filter(blob -> blob.id().value().equals(id))
                .map(this::view)
                .findFirst()
                .orElse(null);
    }

    @DeleteOperation
    public WebEndpointResponse<Map<String, String>> delete(@Selector String id) throws IOException {
        if (!BlobId.isLegal(id)) {
            return answer(WebEndpointResponse.STATUS_BAD_REQUEST, "'" + id + "' is no blob id");
        }
        try {
            caches.delete(new BlobId(id));
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
        } catch (NotFound e) {
            return answer(WebEndpointResponse.STATUS_NOT_FOUND, e.getMessage());
        } catch (InvalidRequest e) {
            return answer(409, e.getMessage());
        }
    }

    private static WebEndpointResponse<Map<String, String>> answer(int status, @Nullable String message) {
        return new WebEndpointResponse<>(Map.of("message", message == null ? "" : message), status);
    }

    private BlobView view(CachedBlob blob) {
        return new BlobView(
                blob.id().value(),
                blob.path().toString(),
                blob.sizeBytes(),
                blob.diskBytes(),
                blob.chunks(),
                blob.readyChunks(),
                blob.verifiedChunks(),
                blob.users(),
                bound.holders(blob.id().value()));
    }
}
