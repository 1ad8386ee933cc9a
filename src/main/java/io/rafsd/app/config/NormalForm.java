package io.rafsd.app.config;

import io.rafsd.error.DaemonException;
import io.rafsd.mount.MountSpec;
import io.rafsd.storage.backend.BackendConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * nydusd's configuration of version 2, as it tells of every mount whatever form the configuration had: all keys, absent ones
 * with their defaults, and without what is secret.
 */
public final class NormalForm {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> BACKENDS = List.of("localdisk", "localfs", "oss", "s3", "registry", "http-proxy");
    /** Keys of back ends and their proxies that are told; none of the others is. */
    private static final List<String> TOLD = List.of(
            "scheme",
            "host",
            "repo",
            "endpoint",
            "region",
            "bucket_name",
            "object_prefix",
            "blob_url_scheme",
            "blob_redirected_host",
            "addr",
            "path",
            "device_path",
            "disable_gpt",
            "skip_verify",
            "timeout",
            "connect_timeout",
            "retry_limit",
            "ca_cert_files");

    private static final long BATCH = 1 << 20;

    private NormalForm() {}

    /** The configuration of a mount. */
    public static JsonNode of(MountSpec spec) {
        return switch (spec) {
            case MountSpec.LocalBootstrap local -> of(local);
            case MountSpec.ByReference named -> of(named);
        };
    }

    private static JsonNode of(MountSpec.LocalBootstrap local) {
        try {
            return of(NydusConfig.tree(local.config().text()));
        } catch (DaemonException e) {
            // It was understood before; a bootstrap beside its blobs had none.
            return bare(local.backend(), local.settings().cacheDirectory());
        }
    }

    private static JsonNode of(MountSpec.ByReference named) {
        ObjectNode config = bare(named.registry(), named.settings().cacheDirectory());
        config.put("image", named.reference());
        return config;
    }

    /** Of a mount that no text describes. */
    private static ObjectNode bare(BackendConfig backend, @Nullable Path cache) {
        ObjectNode second = JSON.createObjectNode().put("version", 2);
        ObjectNode details =
                second.putObject("backend").put("type", backend.type()).putObject(backend.type());
        switch (backend) {
            case BackendConfig.LocalFs local ->
                details.put("dir", text(local.directory())).put("blob_file", text(local.blobFile()));
            case BackendConfig.Registry registry ->
                details.put("scheme", registry.scheme())
                        .put("host", registry.host())
                        .put("repo", registry.repository())
                        .put("skip_verify", registry.skipVerify());
        }
        ObjectNode files = second.putObject("cache").put("type", "blobcache").putObject("filecache");
        files.put("work_dir", text(cache));
        return of(second);
    }

    private static String text(@Nullable Path path) {
        return path == null ? "" : path.toString();
    }

    static ObjectNode of(JsonNode root) {
        boolean second = root.path("version").asInt(1) == 2;
        JsonNode device = second ? root : root.path("device");
        JsonNode rafs = second ? root.path("rafs") : root;
        JsonNode wish = second ? rafs.path("prefetch") : root.path("fs_prefetch");
        ObjectNode config = JSON.createObjectNode();
        config.put("version", 2).put("id", device.path("id").asString(""));
        config.set("backend", backend(device.path("backend"), second));
        config.putArray("external_backends");
        config.set("cache", cache(device.path("cache"), wish, second));
        config.set("rafs", rafs(rafs, wish, second));
        JsonNode overlay = root.path("overlay");
        config.set("overlay", overlay.isObject() ? overlay : JSON.nullNode());
        return config;
    }

    private static ObjectNode backend(JsonNode given, boolean second) {
        String type = given.path("type").asString("");
        JsonNode details = second ? given.path(type) : given.path("config");
        ObjectNode backend = JSON.createObjectNode().put("type", type);
        for (String kind : BACKENDS) {
            backend.set(kind, kind.equals(type) ? details(kind, details) : JSON.nullNode());
        }
        return backend;
    }

    private static JsonNode details(String kind, JsonNode given) {
        ObjectNode details = JSON.createObjectNode();
        if (kind.equals("localfs")) {
            details.put("blob_file", given.path("blob_file").asString(""))
                    .put("dir", given.path("dir").asString(""));
            ArrayNode others = details.putArray("alt_dirs");
            given.path("alt_dirs").forEach(others::add);
            return details;
        }
        for (String key : TOLD) {
            if (given.has(key)) {
                details.set(key, given.path(key));
            }
        }
        return details;
    }

    private static ObjectNode cache(JsonNode given, JsonNode wish, boolean second) {
        JsonNode files = second ? given.path("filecache") : given.path("config");
        ObjectNode cache = JSON.createObjectNode();
        cache.put("type", given.path("type").asString(""))
                .put("compressed", given.path("compressed").asBoolean(false))
                .put("validate", given.path("validate").asBoolean(false));
        cache.set("prefetch", prefetch(second ? given.path("prefetch") : wish, 0, 0, !second));
        cache.putObject("filecache")
                .put("work_dir", files.path("work_dir").asString("."))
                .put("disable_indexed_map", files.path("disable_indexed_map").asBoolean(false))
                .put("enable_encryption", files.path("enable_encryption").asBoolean(false))
                .put(
                        "enable_convergent_encryption",
                        files.path("enable_convergent_encryption").asBoolean(false))
                .put("encryption_key", "");
        return cache.set("fscache", JSON.nullNode());
    }

    private static ObjectNode rafs(JsonNode given, JsonNode wish, boolean second) {
        ObjectNode rafs = JSON.createObjectNode();
        rafs.put("mode", given.path("mode").asString("direct"))
                .put(
                        "batch_size",
                        given.path(second ? "batch_size" : "amplify_io").asLong(BATCH))
                .put(
                        "validate",
                        given.path(second ? "validate" : "digest_validate").asBoolean(false));
        for (String key : List.of("enable_xattr", "iostats_files", "access_pattern", "latest_read_files")) {
            rafs.put(key, given.path(key).asBoolean(false));
        }
        return rafs.set("prefetch", prefetch(wish, 8, BATCH, !second));
    }

    private static ObjectNode prefetch(JsonNode given, long threads, long batch, boolean allIfSilent) {
        return JSON.createObjectNode()
                .put("enable", given.path("enable").asBoolean(false))
                .put("threads", first(given, "threads", "threads_count").asLong(threads))
                .put("batch_size", first(given, "batch_size", "merging_size").asLong(batch))
                .put(
                        "bandwidth_limit",
                        first(given, "bandwidth_limit", "bandwidth_rate").asLong(0))
                .put("prefetch_all", given.path("prefetch_all").asBoolean(allIfSilent))
                .put("stream_prefetch", given.path("stream_prefetch").asBoolean(false));
    }

    /** The two forms name the same things differently. */
    private static JsonNode first(JsonNode given, String name, String olderName) {
        return given.has(name) ? given.path(name) : given.path(olderName);
    }
}
