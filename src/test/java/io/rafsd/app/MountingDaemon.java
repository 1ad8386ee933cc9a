package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.linux.RawPath;
import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import tools.jackson.databind.json.JsonMapper;

/** One daemon of the distribution that mounts images side by side as it is asked to, until it is closed. */
final class MountingDaemon implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path mountPoint;
    private final Path cache;
    private final ControlSocket socket;
    private final Process process;

    private MountingDaemon(Path mountPoint, Path cache, ControlSocket socket, Process process) {
        this.mountPoint = mountPoint;
        this.cache = cache;
        this.socket = socket;
        this.process = process;
    }

    /**
     * Starts it and waits until it runs.
     *
     * @param work directory in which it has its mount point, cache, socket and log, each named after the transport
     */
    static MountingDaemon start(String transport, Path work) throws IOException {
        Path mountPoint = Files.createDirectories(work.resolve(transport));
        ControlSocket socket = new ControlSocket(work.resolve(transport + ".sock"));
        Process process = new ProcessBuilder(
                        Launcher.program("nydusd").toString(),
                        "--mountpoint",
                        mountPoint.toString(),
                        "--apisock",
                        socket.path().toString(),
                        "--transport",
                        transport,
                        "--log-level",
                        "warn")
                .redirectErrorStream(true)
                .redirectOutput(work.resolve(transport + ".log").toFile())
                .start();
        MountingDaemon daemon = new MountingDaemon(
                mountPoint, Files.createDirectories(work.resolve("cache-" + transport)), socket, process);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(daemon::isRunning);
        return daemon;
    }

    private boolean isRunning() throws IOException {
        assertThat(process.isAlive()).isTrue();
        return Files.exists(socket.path())
                && socket.ask("GET", "/api/v1/daemon", "").contains("\"state\":\"RUNNING\"");
    }

    /** Where it keeps what it has fetched. */
    Path cache() {
        return cache;
    }

    /** Mounts an image under this name, and gives its root. */
    RawPath mount(String name, Path bootstrap, Path blobs) throws IOException {
        assertThat(ask(name, bootstrap, blobs)).startsWith("HTTP/1.1 204 ");
        return RawPath.of(mountPoint.resolve(name));
    }

    /** The whole answer to being asked to mount an image. */
    String ask(String name, Path bootstrap, Path blobs) throws IOException {
        String config = """
                {"mode": "direct", "device": {
                  "backend": {"type": "localfs", "config": {"dir": "%s"}},
                  "cache": {"type": "blobcache", "config": {"work_dir": "%s"}}}}
                """.formatted(blobs, cache);
        String body =
                JSON.writeValueAsString(Map.of("source", bootstrap.toString(), "fs_type", "rafs", "config", config));
        return socket.ask("POST", "/api/v1/mount?mountpoint=/" + name, body);
    }

    /** Ends it as SIGTERM does, which unmounts. */
    @Override
    public void close() {
        process.destroy();
        assertThat(process.onExit()).succeedsWithin(Duration.ofMinutes(1));
    }
}
