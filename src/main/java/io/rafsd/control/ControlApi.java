package io.rafsd.control;

import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonState;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountManager.MountInfo;
import io.rafsd.mount.MountSpec;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * nydusd's control API, version 1: which request does what. Questions are answered from what is known at once; what changes
 * the daemon waits until there is one. Safe for many threads.
 */
final class ControlApi {

    private static final JsonMapper JSON = new JsonMapper();
    private static final DateTimeFormatter MOUNTED_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss.nnnnnnnnn +00:00:00")
            .withZone(ZoneOffset.UTC);
    /** A daemon that has not come up by then will not. */
    private static final int READY_SECONDS = 60;

    private static final String CONFIGURE = "Configure(DaemonAbnormal(%s))";
    private static final String MOUNT = "Mount(MountFilesystem(%s))";

    private final @Nullable String id;
    private final @Nullable Path supervisor;
    private final CompletableFuture<DaemonController> controller;
    private final MountBodies bodies;
    private final Consumer<String> logLevel;

    ControlApi(
            @Nullable String id,
            @Nullable Path supervisor,
            CompletableFuture<DaemonController> controller,
            MountBodies bodies,
            Consumer<String> logLevel) {
        this.id = id;
        this.supervisor = supervisor;
        this.controller = controller;
        this.bodies = bodies;
        this.logLevel = logLevel;
    }

    /**
     * Answers one request. Nothing is thrown.
     *
     * @param query parameters, already decoded
     * @param body empty if there is none
     */
    Answer answer(String method, String path, Map<String, String> query, byte[] body) {
        return switch (path) {
            case "/api/v1/daemon" ->
                switch (method) {
                    case "GET" -> Answer.ok(info(true));
                    case "PUT" -> setLogLevel(body);
                    default -> badRequest();
                };
            case "/api/v2/daemon" -> method.equals("GET") ? Answer.ok(info(false)) : badRequest();
            case "/api/v1/daemon/events" -> method.equals("GET") ? Answer.ok(noEvents()) : badRequest();
            case "/api/v1/daemon/start" -> method.equals("PUT") ? start() : badRequest();
            case "/api/v1/daemon/exit" -> method.equals("PUT") ? exit() : badRequest();
            case "/api/v1/mount" ->
                switch (method) {
                    case "GET" -> Answer.ok(mounts());
                    case "POST" -> mount(query, body);
                    case "DELETE" -> unmount(query);
                    default -> badRequest();
                };
            default -> ControlErrors.message(404, "NoRoute");
        };
    }

    private static Answer badRequest() {
        return ControlErrors.message(400, "BadRequest");
    }

    private JsonNode info(boolean withBackends) {
        ObjectNode info = JSON.createObjectNode();
        Version version = Version.current();
        info.putObject("version")
                .put("package_ver", "v" + version.version())
                .put("git_commit", version.commit())
                .put("build_time", "")
                .put("profile", "release")
                .put("rustc", "none");
        info.put("id", id);
        info.put("supervisor", supervisor == null ? null : supervisor.toString());
        DaemonController known = controller.getNow(null);
        info.put("state", (known == null ? DaemonState.INIT : known.state()).name());
        info.set("backend_collection", withBackends ? mounts() : JSON.nullNode());
        return info;
    }

    private ObjectNode mounts() {
        ObjectNode mounts = JSON.createObjectNode();
        DaemonController known = controller.getNow(null);
        Daemon daemon = known == null ? null : known.daemon();
        if (daemon != null) {
            for (MountInfo mount : daemon.mounts().mounts()) {
                ObjectNode entry = mounts.putObject(mount.path());
                entry.put("backend_type", "Rafs");
                entry.put("mountpoint", mount.path());
                entry.put("mounted_time", MOUNTED_TIME.format(mount.mountedAt()));
                entry.set("config", config(mount.spec()));
            }
        }
        return mounts;
    }

    /** The normal form of what was mounted, without its secrets. */
    private static JsonNode config(MountSpec spec) {
        ObjectNode config = JSON.createObjectNode();
        config.put("version", 2);
        ObjectNode backend = config.putObject("backend");
        MountSpec.ImageSettings settings = switch (spec) {
            case MountSpec.LocalBootstrap local -> {
                putBackend(backend, local.backend());
                yield local.settings();
            }
            case MountSpec.ByReference named -> {
                config.put("image", named.reference());
                putBackend(backend, named.registry());
                yield named.settings();
            }
        };
        ObjectNode cache = config.putObject("cache");
        cache.put("type", "blobcache");
        Path directory = settings.cacheDirectory();
        cache.putObject("filecache").put("work_dir", directory == null ? "" : directory.toString());
        config.putObject("rafs").put("mode", "direct");
        return config;
    }

    private static void putBackend(ObjectNode backend, BackendConfig config) {
        switch (config) {
            case BackendConfig.LocalFs local -> {
                backend.put("type", "localfs");
                backend.putObject("localfs")
                        .put(
                                "dir",
                                local.directory() == null
                                        ? ""
                                        : local.directory().toString())
                        .put(
                                "blob_file",
                                local.blobFile() == null ? "" : local.blobFile().toString());
            }
            case BackendConfig.Registry registry -> {
                backend.put("type", "registry");
                backend.putObject("registry")
                        .put("scheme", registry.scheme())
                        .put("host", registry.host())
                        .put("repo", registry.repository())
                        .put("skip_verify", registry.skipVerify());
            }
        }
    }

    private static JsonNode noEvents() {
        ObjectNode events = JSON.createObjectNode();
        events.put("max_errors", 500)
                .put("total_errors", 0)
                .put("max_size", 51200)
                .put("total_size", 0);
        events.putArray("errors");
        return events;
    }

    private Answer setLogLevel(byte[] body) {
        try {
            String level = JSON.readTree(body).path("log_level").asString("");
            if (!List.of("off", "error", "warn", "info", "debug", "trace").contains(level.toLowerCase(Locale.ROOT))) {
                return ControlErrors.of(
                        CONFIGURE,
                        new InvalidRequest(
                                "log level '" + level + "' is none of off, error, warn, info, debug, trace"));
            }
            logLevel.accept(level.toLowerCase(Locale.ROOT));
            return Answer.noContent();
        } catch (JacksonException e) {
            return unreadable(e);
        }
    }

    private Answer start() {
        try {
            ready().start();
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(CONFIGURE, e);
        }
    }

    /** The state changes now; the process may end only when the answer is out. */
    private Answer exit() {
        try {
            DaemonController known = ready();
            known.leave();
            return new Answer(204, null, known::deactivate);
        } catch (IOException e) {
            return ControlErrors.of(CONFIGURE, e);
        }
    }

    private Answer mount(Map<String, String> query, byte[] body) {
        String path = query.get("mountpoint");
        if (path == null) {
            return missing("mountpoint");
        }
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JacksonException e) {
            return unreadable(e);
        }
        if (!root.path("source").isString() || !root.path("config").isString()) {
            return ControlErrors.message(
                    400,
                    "ParseBody(Error(\"missing field `" + (root.path("source").isString() ? "config" : "source")
                            + "`\", line: 1, column: 1))");
        }
        List<String> prefetch = new ArrayList<>();
        for (JsonNode file : root.path("prefetch_files")) {
            prefetch.add(file.asString(""));
        }
        try {
            MountSpec spec = bodies.parse(
                    root.path("source").asString(),
                    root.path("fs_type").asString("rafs"),
                    root.path("config").asString(),
                    prefetch);
            mountManager().mount(path, spec);
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(MOUNT, e);
        }
    }

    private Answer unmount(Map<String, String> query) {
        String path = query.get("mountpoint");
        if (path == null) {
            return missing("mountpoint");
        }
        try {
            mountManager().unmount(path);
            return Answer.noContent();
        } catch (IOException e) {
            return ControlErrors.of(MOUNT, e);
        }
    }

    private static Answer missing(String parameter) {
        return ControlErrors.message(400, "QueryString(\"'" + parameter + "' should be specified in query string\")");
    }

    private static Answer unreadable(JacksonException e) {
        // What exceeds a limit of the parser has no place.
        TokenStreamLocation place = e.getLocation();
        return ControlErrors.message(
                400,
                "ParseBody(Error(\""
                        + e.getOriginalMessage()
                                .replace("\"", "'")
                                .lines()
                                .findFirst()
                                .orElse("") + "\", line: "
                        + (place == null ? 1 : Math.max(1, place.getLineNr())) + ", column: "
                        + (place == null ? 1 : Math.max(1, place.getColumnNr())) + "))");
    }

    private MountManager mountManager() throws IOException {
        Daemon daemon = ready().daemon();
        if (daemon == null) {
            throw new UnexpectedEvent("no daemon is set");
        }
        return daemon.mounts();
    }

    private DaemonController ready() throws IOException {
        try {
            return controller.get(READY_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new UnexpectedEvent("the daemon has not come up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnexpectedEvent("interrupted while the daemon came up", e);
        }
    }
}
