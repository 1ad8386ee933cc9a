package io.rafsd.app.config;

import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ConfigText;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.mount.MountSpec.Prefetch;
import io.rafsd.stats.FileRecords;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * nydusd's configuration of one image, in any of its forms: JSON or TOML with {@code version = 2}, or the older JSON that
 * nydus-snapshotter writes. Keys that mean nothing to us are passed over, as nydusd does.
 *
 * @param backend where the blobs live
 * @param settings cache and read path
 * @param text as it was given
 */
public record NydusConfig(BackendConfig backend, ImageSettings settings, ConfigText text) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final TomlMapper TOML = new TomlMapper();
    private static final int MAX_SIZE = 1 << 20;
    private static final long MAX_BATCH = 0x1000_0000;
    private static final int DEFAULT_BATCH = 1 << 20;

    /** Reads a file of at most 1 MiB. */
    public static NydusConfig load(Path file, @Nullable String authOverride) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidRequest("configuration " + file + " is no file that can be read");
        }
        if (Files.size(file) > MAX_SIZE) {
            throw new InvalidRequest("configuration " + file + " has more than 1 MiB");
        }
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), authOverride);
        } catch (InvalidRequest e) {
            throw new InvalidRequest("configuration " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a text.
     *
     * @param authOverride base64 of {@code user:password} that replaces the configured one, null for none
     * @throws InvalidRequest with the key and the rule
     * @throws Unsupported for backends that this version does not have
     */
    public static NydusConfig parse(String text, @Nullable String authOverride) throws InvalidRequest, Unsupported {
        JsonNode root = tree(text);
        boolean second = root.path("version").asInt(1) == 2;
        JsonNode device = second ? root : root.path("device");
        JsonNode backend = device.path("backend");
        JsonNode cache = device.path("cache");
        String type = required(backend, "type", "backend");
        JsonNode details = second ? backend.path(type) : backend.path("config");
        if (!second && !root.path("mode").asString("direct").matches("direct|cached")) {
            throw new InvalidRequest(
                    "mode must be direct or cached, not '" + root.path("mode").asString("") + "'");
        }
        return new NydusConfig(
                backend(type, details, authOverride), settings(root, cache, second), new ConfigText(text));
    }

    /**
     * Blobs and cache in one directory, as {@code --localfs-dir} means.
     *
     * @param warm whether files to be fetched in advance are listed
     */
    public static NydusConfig ofDirectory(Path directory, boolean warm) throws InvalidRequest, Unsupported {
        ObjectNode root = JSON.createObjectNode().put("version", 2);
        root.putObject("backend").put("type", "localfs").putObject("localfs").put("dir", directory.toString());
        ObjectNode cache = root.putObject("cache").put("type", "blobcache");
        cache.putObject("filecache").put("work_dir", directory.toString());
        if (warm) {
            cache.putObject("prefetch").put("enable", true);
            root.putObject("rafs").putObject("prefetch").put("enable", true);
        }
        return parse(root.toString(), null);
    }

    /** An image that is found, cached and read as configured. */
    public MountSpec.LocalBootstrap mount(Path bootstrap, List<String> prefetchFiles) {
        return new MountSpec.LocalBootstrap(bootstrap, backend, settings, prefetchFiles, text);
    }

    static JsonNode tree(String text) throws InvalidRequest {
        String json;
        try {
            JsonNode root = JSON.readTree(text);
            if (root != null && root.isObject()) {
                return root;
            }
            json = "it is no JSON object";
        } catch (JacksonException e) {
            // The parser's own text may quote what it read, secrets included.
            json = "no JSON" + place(e);
        }
        try {
            JsonNode root = TOML.readTree(text);
            if (root.path("version").asInt(0) == 2) {
                return root;
            }
            throw new InvalidRequest(json + ", and as TOML it lacks version = 2");
        } catch (JacksonException e) {
            throw new InvalidRequest(json + " and no TOML" + place(e));
        }
    }

    /** Empty where the parser does not say, as for what exceeds one of its limits. */
    private static String place(JacksonException e) {
        TokenStreamLocation place = e.getLocation();
        return place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
    }

    private static BackendConfig backend(String type, JsonNode c, @Nullable String authOverride)
            throws InvalidRequest, Unsupported {
        return switch (type) {
            case "localfs" -> {
                String blobFile = c.path("blob_file").asString("");
                String directory = c.path("dir").asString("");
                if (blobFile.isEmpty() && directory.isEmpty()) {
                    throw new InvalidRequest("backend localfs needs dir or blob_file");
                }
                List<Path> others = new ArrayList<>();
                for (JsonNode other : c.path("alt_dirs")) {
                    others.add(path("alt_dirs", other.asString("")));
                }
                yield new BackendConfig.LocalFs(
                        directory.isEmpty() ? null : path("dir", directory),
                        blobFile.isEmpty() ? null : path("blob_file", blobFile),
                        List.copyOf(others));
            }
            case "registry" -> {
                String auth = authOverride != null
                        ? authOverride
                        : c.path("auth").asString("").strip();
                String token = c.path("registry_token").asString("").strip();
                yield new BackendConfig.Registry(
                        scheme(c),
                        required(c, "host", "backend registry"),
                        required(c, "repo", "backend registry"),
                        auth.isEmpty() ? null : auth,
                        token.isEmpty() ? null : token,
                        c.path("skip_verify").asBoolean(false),
                        http(c));
            }
            case "oss", "s3", "http-proxy", "localdisk" ->
                throw new Unsupported("backend " + type + " is not part of this version; use localfs or registry");
            default ->
                throw new InvalidRequest(
                        "backend type '" + type + "' is unknown; this version has localfs and registry");
        };
    }

    /** Silence means https, as in nydusd; empty, which we write ourselves, http for hosts on loopback. */
    private static String scheme(JsonNode c) {
        return switch (c.path("scheme").asString("https")) {
            case "http" -> "http";
            case "" -> "";
            default -> "https";
        };
    }

    private static BackendConfig.HttpSettings http(JsonNode c) throws InvalidRequest {
        BackendConfig.HttpSettings defaults = BackendConfig.HttpSettings.DEFAULT;
        return new BackendConfig.HttpSettings(
                seconds(c, "timeout", defaults.timeout()),
                seconds(c, "connect_timeout", defaults.connectTimeout()),
                Math.max(defaults.retryLimit(), (int) unsigned(c, "retry_limit", 0, 255)));
    }

    /** Zero means no limit in nydusd; a day is as good, and cannot hang for ever. */
    private static Duration seconds(JsonNode c, String key, Duration absent) throws InvalidRequest {
        long seconds = unsigned(c, key, absent.toSeconds(), 0xFFFF_FFFFL);
        return seconds == 0 ? Duration.ofDays(1) : Duration.ofSeconds(seconds);
    }

    private static ImageSettings settings(JsonNode root, JsonNode cache, boolean second)
            throws InvalidRequest, Unsupported {
        String type = cache.path("type").asString("");
        if (type.equals("fscache")) {
            throw new Unsupported("cache type fscache is not built any more upstream or here; use blobcache");
        }
        if (!type.isEmpty() && !type.equals("blobcache") && !type.equals("filecache") && !type.equals("dummycache")) {
            throw new InvalidRequest("cache type '" + type + "' is unknown; use blobcache");
        }
        JsonNode details = second ? cache.path("filecache") : cache.path("config");
        if (cache.path("compressed").asBoolean(false)
                || details.path("enable_encryption").asBoolean(false)) {
            throw new Unsupported("compressed and encrypted caches are not part of this version; leave those keys out");
        }
        String directory = details.path("work_dir").asString("");
        long amplify = unsigned(
                second ? root.path("rafs") : root, second ? "batch_size" : "amplify_io", DEFAULT_BATCH, MAX_BATCH);
        return new ImageSettings(
                directory.isEmpty() ? null : path("work_dir", directory).toAbsolutePath(),
                ImageSettings.DEFAULT_READ_TIMEOUT,
                (int) amplify,
                second
                        ? prefetch(root.path("rafs").path("prefetch"), false, enabled(cache.path("prefetch")))
                        : prefetch(root.path("fs_prefetch"), true, true),
                records(second ? root.path("rafs") : root),
                (second ? root : root.path("device")).path("id").asString(""));
    }

    private static Set<FileRecords.Wish> records(JsonNode rafs) {
        Set<FileRecords.Wish> wishes = EnumSet.noneOf(FileRecords.Wish.class);
        if (rafs.path("iostats_files").asBoolean(false)) {
            wishes.add(FileRecords.Wish.COUNTS);
        }
        if (rafs.path("access_pattern").asBoolean(false)) {
            wishes.add(FileRecords.Wish.PATTERN);
        }
        if (rafs.path("latest_read_files").asBoolean(false)) {
            wishes.add(FileRecords.Wish.LATEST);
        }
        return Set.copyOf(wishes);
    }

    /** @param workers whether anybody is there to fetch: the second form has a switch for what and one for that */
    private static Prefetch prefetch(JsonNode wish, boolean allIfSilent, boolean workers) {
        if (!enabled(wish) || !workers) {
            return Prefetch.NOTHING;
        }
        return wish.path("prefetch_all").asBoolean(allIfSilent) ? Prefetch.EVERYTHING : Prefetch.LISTED;
    }

    private static boolean enabled(JsonNode prefetch) {
        return prefetch.path("enable").asBoolean(false);
    }

    private static Path path(String key, String value) throws InvalidRequest {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new InvalidRequest(key + " is no path: " + e.getReason(), e);
        }
    }

    private static String required(JsonNode node, String key, String where) throws InvalidRequest {
        String value = node.path(key).asString("");
        if (value.isEmpty()) {
            throw new InvalidRequest(where + " lacks '" + key + "'");
        }
        return value;
    }

    private static long unsigned(JsonNode node, String key, long absent, long limit) throws InvalidRequest {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0 || value.asLong() > limit) {
            throw new InvalidRequest(key + " must be a whole number from 0 to " + limit);
        }
        return value.asLong();
    }

    @Override
    public String toString() {
        return "NydusConfig[" + backend + "]";
    }
}
