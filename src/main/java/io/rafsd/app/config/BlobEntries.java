package io.rafsd.app.config;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import io.rafsd.mount.BlobEntry;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * nydusd's entries of a blob cache manager: an id, a domain, and where the image is, in {@code config_v2} or the older
 * {@code config}. A cache of the kind fscache is one of ours in the same directory.
 */
public final class BlobEntries {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> CACHES = Set.of("fscache", "filecache", "blobcache");
    private static final List<String> PREFETCH = List.of("enable", "threads_count", "merging_size", "bandwidth_rate");

    private BlobEntries() {}

    /**
     * Reads an entry.
     *
     * @throws InvalidRequest if there is no configuration that can be used
     */
    public static BlobEntry read(JsonNode entry) throws InvalidRequest, Unsupported {
        JsonNode second = entry.path("config_v2");
        JsonNode config = second.isObject() ? second : entry.path("config");
        if (!config.isObject()) {
            throw new InvalidRequest("the entry lacks config_v2 and config");
        }
        String text = second.isObject() ? second(second) : first(config);
        String metadata = config.path("metadata_path").asString("");
        if (metadata.isEmpty()) {
            throw new InvalidRequest("the configuration lacks metadata_path, the path of the bootstrap");
        }
        MountSpec.LocalBootstrap image = NydusConfig.parse(text, null).mount(path(metadata), List.of());
        return new BlobEntry(
                entry.path("domain_id").asString(""), entry.path("id").asString(""), image);
    }

    /**
     * Reads the list of entries in a file; empty if it has none that can be read, as with nydusd.
     *
     * @throws InvalidRequest if the file is no JSON
     */
    public static List<BlobEntry> load(Path file) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(Files.readString(file));
        } catch (JacksonException e) {
            throw new InvalidRequest("configuration " + file + " is no JSON");
        }
        List<BlobEntry> entries = new ArrayList<>();
        for (JsonNode entry : root.path("blobs")) {
            entries.add(read(entry));
        }
        return List.copyOf(entries);
    }

    private static Path path(String text) throws InvalidRequest {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidRequest("metadata_path is no path: " + e.getReason(), e);
        }
    }

    private static String second(JsonNode given) throws InvalidRequest {
        ObjectNode config = JSON.createObjectNode()
                .put("version", 2)
                .put("id", given.path("id").asString(""));
        config.set("backend", given.path("backend"));
        JsonNode cache = given.path("cache");
        String type = kind(cache.path("type").asString(""));
        JsonNode details = cache.path(type.equals("fscache") ? "fscache" : "filecache");
        ObjectNode ours = cache(config.putObject("cache"), cache);
        ours.putObject("filecache").put("work_dir", directory(details));
        JsonNode prefetch = cache.path("prefetch");
        ours.set("prefetch", prefetch);
        config.putObject("rafs").put("mode", "direct").set("prefetch", prefetch);
        return config.toString();
    }

    private static String first(JsonNode given) throws InvalidRequest {
        ObjectNode config = JSON.createObjectNode().put("mode", "direct");
        ObjectNode device =
                config.putObject("device").put("id", given.path("id").asString(""));
        device.putObject("backend")
                .put("type", given.path("backend_type").asString(""))
                .set("config", given.path("backend_config"));
        kind(given.path("cache_type").asString(""));
        cache(device.putObject("cache"), given.path("cache_config"))
                .putObject("config")
                .put("work_dir", directory(given.path("cache_config")));
        JsonNode prefetch = given.path("prefetch_config");
        if (prefetch.isObject()) {
            for (String key : PREFETCH) {
                if (!prefetch.has(key)) {
                    throw new InvalidRequest("prefetch_config lacks '" + key + "'");
                }
            }
            config.set("fs_prefetch", prefetch);
        }
        return config.toString();
    }

    private static ObjectNode cache(ObjectNode ours, JsonNode given) {
        return ours.put("type", "blobcache")
                .put("compressed", given.path("compressed").asBoolean(false));
    }

    private static String kind(String type) throws InvalidRequest {
        if (!CACHES.contains(type)) {
            throw new InvalidRequest("cache type '" + type + "' is none of fscache, filecache and blobcache");
        }
        return type;
    }

    private static String directory(JsonNode details) throws InvalidRequest {
        String directory = details.path("work_dir").asString("");
        if (directory.isEmpty()) {
            throw new InvalidRequest("the cache lacks work_dir");
        }
        return directory;
    }
}
