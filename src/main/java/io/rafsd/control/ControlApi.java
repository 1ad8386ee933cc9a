package io.rafsd.control;

import io.rafsd.daemon.DaemonController;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * nydusd's control API: which request does what. Questions are answered from what is known at once; what changes the daemon
 * waits until there is one. Safe for many threads.
 */
final class ControlApi {

    private final Attached attached;
    private final DaemonApi daemon;
    private final MountApi mounts;
    private final MetricsApi metrics;
    private final ConfigApi config;
    private final BlobApi blobs;

    ControlApi(
            @Nullable String id,
            @Nullable Path supervisor,
            CompletableFuture<DaemonController> controller,
            MountBodies bodies,
            Consumer<String> logLevel) {
        this.attached = new Attached(controller);
        this.daemon = new DaemonApi(id, supervisor, attached, logLevel);
        this.mounts = new MountApi(attached, bodies);
        this.metrics = new MetricsApi(attached);
        this.config = new ConfigApi(attached);
        this.blobs = new BlobApi(attached, bodies);
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
                    case "GET" -> daemon.info(attached.isSingleton() ? null : mounts.mounts());
                    case "PUT" -> daemon.setLogLevel(body);
                    default -> badRequest();
                };
            case "/api/v2/daemon" ->
                switch (method) {
                    case "GET" -> daemon.info(null);
                    case "PUT" -> daemon.setLogLevel(body);
                    default -> badRequest();
                };
            case "/api/v1/daemon/events" -> method.equals("GET") ? daemon.events() : badRequest();
            case "/api/v1/daemon/backend" -> method.equals("GET") ? mounts.backend(query) : badRequest();
            case "/api/v1/daemon/start" -> method.equals("PUT") ? daemon.start() : badRequest();
            case "/api/v1/daemon/exit" -> method.equals("PUT") ? daemon.exit() : badRequest();
            case "/api/v1/daemon/fuse/sendfd" -> method.equals("PUT") ? daemon.save() : badRequest();
            case "/api/v1/daemon/fuse/takeover" -> method.equals("PUT") ? daemon.takeOver() : badRequest();
            case "/api/v1/mount" ->
                switch (method) {
                    case "GET" -> Answer.ok(mounts.mounts());
                    case "POST" -> mounts.mount(query, body);
                    case "PUT" -> mounts.remount(query, body);
                    case "DELETE" -> mounts.unmount(query);
                    default -> badRequest();
                };
            case "/api/v1/metrics" -> method.equals("GET") ? metrics.fileSystem(query) : badRequest();
            case "/api/v1/metrics/files" -> method.equals("GET") ? metrics.files(query) : badRequest();
            case "/api/v1/metrics/pattern" -> method.equals("GET") ? metrics.pattern(query) : badRequest();
            case "/api/v1/metrics/backend" -> method.equals("GET") ? metrics.backend(query) : badRequest();
            case "/api/v1/metrics/blobcache" -> method.equals("GET") ? metrics.blobCache(query) : badRequest();
            case "/api/v1/metrics/inflight" -> method.equals("GET") ? metrics.inFlight() : badRequest();
            case "/api/v1/config" ->
                switch (method) {
                    case "GET" -> config.get(query);
                    case "PUT" -> config.put(query, body);
                    default -> badRequest();
                };
            case "/api/v2/blobs" ->
                switch (method) {
                    case "GET" -> blobs.list(query);
                    case "PUT" -> blobs.put(body);
                    case "DELETE" -> blobs.delete(query);
                    default -> badRequest();
                };
            default -> ControlErrors.message(404, "NoRoute");
        };
    }

    private static Answer badRequest() {
        return ControlErrors.message(400, "BadRequest");
    }
}
