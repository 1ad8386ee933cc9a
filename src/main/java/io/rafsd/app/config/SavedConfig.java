package io.rafsd.app.config;

import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.oci.ImageReference;
import io.rafsd.storage.backend.BackendConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The configuration of a mount as it is left to a successor: nydusd's own, secrets included, and under the key {@code rafsd},
 * which nydusd passes over, what only we need.
 */
public final class SavedConfig {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String OURS = "rafsd";
    private static final String EROFS = "erofs";
    private static final String GENERATION = "generation";

    private SavedConfig() {}

    /** @param generation of the mount's inodes */
    public static String write(MountSpec spec, long generation) throws InvalidRequest {
        ObjectNode config = switch (spec) {
            case MountSpec.LocalBootstrap local ->
                copy(NydusConfig.tree(local.config().text()));
            case MountSpec.ByReference named -> config(named);
        };
        config.withObject("/" + OURS).put(GENERATION, generation);
        Path erofs = spec.settings().erofs();
        return erofs == null ? config.toString() : hidden(config, erofs);
    }

    /** Not to be understood by nydusd: it would serve files of the image where the kernel's EROFS reads blobs. */
    private static String hidden(ObjectNode config, Path erofs) {
        ObjectNode outer = JSON.createObjectNode();
        outer.putObject(OURS).put(EROFS, erofs.toString()).set("config", config);
        return outer.toString();
    }

    /**
     * What was saved, in nydusd's form.
     *
     * @param text of the configuration
     * @param erofs directory at which the kernel's EROFS reads the image; null: through FUSE
     */
    public record Saved(String text, @Nullable Path erofs) {

        /** The configuration may hold secrets. */
        @Override
        public String toString() {
            return "Saved[***]";
        }
    }

    public static Saved read(String text) throws InvalidRequest {
        JsonNode ours = NydusConfig.tree(text).path(OURS);
        String erofs = ours.path(EROFS).asString("");
        return erofs.isEmpty()
                ? new Saved(text, null)
                : new Saved(ours.path("config").toString(), Path.of(erofs));
    }

    /** Of the mount's inodes; 0 where the predecessor knew none. */
    public static long generation(String config) throws InvalidRequest {
        return NydusConfig.tree(config).path(OURS).path(GENERATION).asLong(0);
    }

    private static ObjectNode copy(JsonNode config) {
        ObjectNode copy = JSON.createObjectNode();
        config.properties().forEach(entry -> copy.set(entry.getKey(), entry.getValue()));
        return copy;
    }

    /** The image is found again by its bootstrap, which lies on disk, and by its repository: no name is resolved anew. */
    private static ObjectNode config(MountSpec.ByReference named) throws InvalidRequest {
        ImageSettings settings = named.settings();
        ObjectNode config = JSON.createObjectNode().put("version", 2).put("id", settings.id());
        ImageReference reference = ImageReference.parse(named.reference());
        BackendConfig.Registry registry = named.registry().at(reference.host(), reference.repository());
        ObjectNode details = config.putObject("backend").put("type", "registry").putObject("registry");
        details.put("scheme", registry.scheme())
                .put("host", registry.host())
                .put("repo", registry.repository())
                .put("skip_verify", registry.skipVerify())
                .put("timeout", registry.http().timeout().toSeconds())
                .put("connect_timeout", registry.http().connectTimeout().toSeconds())
                .put("retry_limit", registry.http().retryLimit());
        if (registry.auth() != null) {
            details.put("auth", registry.auth());
        }
        if (registry.registryToken() != null) {
            details.put("registry_token", registry.registryToken());
        }
        ObjectNode cache = config.putObject("cache").put("type", "blobcache");
        Path directory = settings.cacheDirectory();
        cache.putObject("filecache").put("work_dir", directory == null ? "" : directory.toString());
        boolean warms = settings.prefetch() != Prefetch.NOTHING;
        cache.putObject("prefetch").put("enable", warms);
        ObjectNode rafs = config.putObject("rafs").put("mode", "direct").put("batch_size", settings.amplifyBytes());
        rafs.putObject("prefetch").put("enable", warms).put("prefetch_all", settings.prefetch() == Prefetch.EVERYTHING);
        config.putObject(OURS).put("image", named.reference());
        return config;
    }
}
