package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.linux.RawPath;
import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.net.ConnectException;
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
        return start(transport, transport, work, work.resolve("state"));
    }

    /**
     * The same, for images that the kernel's EROFS reads over it; all is named after that.
     *
     * @param state directory for its copies of metadata
     */
    static MountingDaemon startForErofs(Path work, Path state) throws IOException {
        return start("over", "kernel", work, state);
    }

    private static MountingDaemon start(String name, String transport, Path work, Path state) throws IOException {
        Path mountPoint = Files.createDirectories(work.resolve(name));
        ControlSocket socket = new ControlSocket(work.resolve(name + ".sock"));
        ProcessBuilder command = new ProcessBuilder(
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
                .redirectOutput(work.resolve(name + ".log").toFile());
        command.environment().put("RAFSD_STATE_DIR", state.toString());
        Process process = command.start();
        MountingDaemon daemon =
                new MountingDaemon(mountPoint, Files.createDirectories(work.resolve("cache-" + name)), socket, process);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(daemon::isRunning);
        return daemon;
    }

    private boolean isRunning() throws IOException {
        assertThat(process.isAlive()).isTrue();
        try {
            return Files.exists(socket.path())
                    && socket.ask("GET", "/api/v1/daemon", "").contains("\"state\":\"RUNNING\"");
        } catch (ConnectException e) {
            // It is there before anybody listens.
            return false;
        }
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

    /** Lets the kernel's EROFS mount an image at a directory, which is made. */
    RawPath mountErofs(Path target, Path bootstrap, Path blobs) throws IOException {
        Files.createDirectories(target);
        assertThat(askErofs(target.toString(), bootstrap, blobs)).startsWith("HTTP/1.1 204 ");
        return RawPath.of(target);
    }

    /** The whole answer to being asked to do so. */
    String askErofs(String target, Path bootstrap, Path blobs) throws IOException {
        return ask(target, bootstrap, blobs, "erofs");
    }

    /** The whole answer to being asked to unmount. */
    String unmount(String path) throws IOException {
        return socket.ask("DELETE", "/api/v1/mount?mountpoint=" + path, "");
    }

    /** What it says is mounted. */
    String mounts() throws IOException {
        return socket.ask("GET", "/api/v1/mount", "");
    }

    Path mountPoint() {
        return mountPoint;
    }

    /** Lets it die at once. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** The whole answer to being asked to mount an image. */
    String ask(String name, Path bootstrap, Path blobs) throws IOException {
        return ask("/" + name, bootstrap, blobs, "fuse");
    }

    private String ask(String path, Path bootstrap, Path blobs, String transport) throws IOException {
        String config = """
                {"mode": "direct", "device": {
                  "backend": {"type": "localfs", "config": {"dir": "%s"}},
                  "cache": {"type": "blobcache", "config": {"work_dir": "%s"}}}}
                """.formatted(blobs, cache);
        String body = JSON.writeValueAsString(
                Map.of("source", bootstrap.toString(), "fs_type", "rafs", "config", config, "transport", transport));
        return socket.ask("POST", "/api/v1/mount?mountpoint=" + path, body);
    }

    /** Ends it as SIGTERM does, which unmounts. */
    @Override
    public void close() {
        process.destroy();
        assertThat(process.onExit()).succeedsWithin(Duration.ofMinutes(1));
    }
}
