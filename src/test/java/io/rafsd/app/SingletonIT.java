package io.rafsd.app;

import static io.rafsd.app.Launcher.rafsd;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.FsVersion;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code nydusd singleton}: blobs are bound, listed, released and deleted over {@code /api/v2/blobs}. */
class SingletonIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String SECRET = "c2VjcmV0OnNlY3JldA==";
    private static final String NOT_FOUND = "blob_cache: cache entry not found";

    @TempDir
    private Path work = Path.of("");

    private final List<Process> processes = new ArrayList<>();
    private Path cache = Path.of("");
    private BuiltImage image = new BuiltImage(
            Path.of(""), List.of(), List.of(), new BuiltImage.Statistics(0, 0, 0, 0, 0, 0, Duration.ZERO));
    private ControlSocket socket = new ControlSocket(Path.of(""));

    @BeforeEach
    void buildAnImage() throws IOException {
        Assumptions.assumeTrue(Files.exists(Launcher.program("nydusd")), "there is no distribution");
        Path source = Files.createDirectories(work.resolve("source"));
        Files.writeString(source.resolve("file"), "content\n".repeat(10_000));
        image = build(source, "image", BuildOptions.defaults());
        cache = Files.createDirectories(work.resolve("cache"));
        socket = new ControlSocket(work.resolve("api.sock"));
    }

    private BuiltImage build(Path source, String name, BuildOptions options) throws IOException {
        return ImageBuilder.build(options, source, Files.createDirectories(work.resolve(name)), BuildProgress.SILENT);
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
    }

    private void start(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Launcher.program("nydusd").toString(),
                "singleton",
                "--apisock",
                socket.path().toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        processes.add(process);
        // The socket is there a moment before anybody listens.
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(ConnectException.class)
                .until(() -> {
                    assertThat(process.isAlive()).isTrue();
                    return Files.exists(socket.path())
                            && ask("GET", "/api/v1/daemon", "").contains("\"state\":\"RUNNING\"");
                });
    }

    private Path log() {
        return work.resolve("log");
    }

    private String ask(String method, String target, String body) throws IOException {
        return socket.ask(method, target, body);
    }

    private String list() throws IOException {
        return ask("GET", "/api/v2/blobs", "");
    }

    /** nydus-snapshotter's form. */
    private Map<String, Object> entry(String domain, String id) {
        return Map.of(
                "type",
                "bootstrap",
                "id",
                id,
                "domain_id",
                domain,
                "config",
                Map.of(
                        "id", "cfg",
                        "backend_type", "localfs",
                        "backend_config", Map.of("dir", parent(image), "auth", SECRET),
                        "cache_type", "fscache",
                        "cache_config", Map.of("work_dir", cache.toString()),
                        "prefetch_config",
                                Map.of(
                                        "enable",
                                        true,
                                        "threads_count",
                                        8,
                                        "merging_size",
                                        1 << 20,
                                        "bandwidth_rate",
                                        0),
                        "metadata_path", image.bootstrap().toString()));
    }

    private Map<String, Object> second(String id, String metadata) {
        return Map.of(
                "type",
                "bootstrap",
                "id",
                id,
                "config_v2",
                Map.of(
                        "version",
                        2,
                        "id",
                        "cfg2",
                        "backend",
                        Map.of("type", "localfs", "localfs", Map.of("dir", parent(image))),
                        "cache",
                        Map.of("type", "filecache", "filecache", Map.of("work_dir", cache.toString())),
                        "metadata_path",
                        metadata));
    }

    private static String parent(BuiltImage image) {
        return String.valueOf(image.bootstrap().getParent());
    }

    private String put(Object entry) throws IOException {
        return ask("PUT", "/api/v2/blobs", JSON.writeValueAsString(entry));
    }

    private String blob() {
        return image.blobs().getFirst().id().value();
    }

    @Test
    void entriesAreBoundListedReleasedAndCulled() throws IOException {
        start();
        assertThat(list()).endsWith("[]");
        assertThat(put(entry("d1", "i1"))).startsWith("HTTP/1.1 204 ");
        assertThat(put(entry("d1", "i1"))).startsWith("HTTP/1.1 500 ").contains("bootstrap blob already exists");
        assertThat(put(entry("d1", "i2"))).startsWith("HTTP/1.1 204 ");
        assertThat(put(second("plain", image.bootstrap().toString()))).startsWith("HTTP/1.1 204 ");
        assertThat(list())
                .contains("\"id\":\"i1\"", "\"id\":\"i2\"", "\"id\":\"plain\"")
                .contains("{\"type\":\"datablob\",\"id\":\"" + blob() + "\",\"domain_id\":\"d1\",\"users\":2}")
                .doesNotContain(SECRET);
        assertThat(ask("GET", "/api/v2/blobs?domain_id=d1&blob_id=i2", ""))
                .contains("\"id\":\"i2\"")
                .doesNotContain("\"id\":\"i1\"");
        // What is asked for in advance comes, with nobody reading.
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> ask("GET", "/api/v1/metrics/blobcache?id=cfg", "").contains(blob() + ".blob.data")
                        && Files.exists(cache.resolve(blob() + ".blob.data")));
        assertThat(ask("DELETE", "/api/v2/blobs?blob_id=" + blob(), ""))
                .startsWith("HTTP/1.1 500 ")
                .contains("is used by");
        assertThat(ask("DELETE", "/api/v2/blobs?domain_id=d1&blob_id=i1", "")).startsWith("HTTP/1.1 204 ");
        assertThat(ask("DELETE", "/api/v2/blobs?domain_id=d1&blob_id=i1", ""))
                .startsWith("HTTP/1.1 500 ")
                .contains(NOT_FOUND);
        assertThat(ask("DELETE", "/api/v2/blobs?domain_id=d1", "")).startsWith("HTTP/1.1 204 ");
        assertThat(ask("DELETE", "/api/v2/blobs?domain_id=d1", "")).startsWith("HTTP/1.1 204 ");
        assertThat(ask("DELETE", "/api/v2/blobs?domain_id=&blob_id=plain", "")).startsWith("HTTP/1.1 204 ");
        assertThat(list()).endsWith("[]");
        assertThat(ask("DELETE", "/api/v2/blobs?blob_id=" + blob(), "")).startsWith("HTTP/1.1 204 ");
        assertThat(cache.resolve(blob() + ".blob.data")).doesNotExist();
    }

    @Test
    void whatCannotBeBoundIsRefusedAndNothingIsBound() throws IOException {
        start();
        assertThat(put(Map.of())).startsWith("HTTP/1.1 400 ").contains("missing field `type`");
        assertThat(put(Map.of("type", "bootstrap", "id", "x")))
                .startsWith("HTTP/1.1 400 ")
                .contains("BadRequest");
        assertThat(put(second("x", work.resolve("absent").toString()))).startsWith("HTTP/1.1 500 ");
        assertThat(put(second("a/b", image.bootstrap().toString())))
                .startsWith("HTTP/1.1 500 ")
                .contains("'/'");
        BuiltImage fifth =
                build(work.resolve("source"), "v5", BuildOptions.defaults().withVersion(FsVersion.V5));
        assertThat(put(second("x", fifth.bootstrap().toString())))
                .startsWith("HTTP/1.1 501 ")
                .contains("v6");
        Map<String, Object> data = new HashMap<>(entry("d", "x"));
        data.put("type", "datablob");
        assertThat(put(data)).startsWith("HTTP/1.1 500 ").contains("datablob");
        assertThat(ask("DELETE", "/api/v2/blobs", "")).startsWith("HTTP/1.1 400 ");
        assertThat(list()).endsWith("[]");
        // Nothing is mounted by a daemon that has no mount.
        assertThat(ask(
                        "POST",
                        "/api/v1/mount?mountpoint=/x",
                        "{\"source\":\"/b\",\"config\":\"{}\",\"fs_type\":\"rafs\"}"))
                .startsWith("HTTP/1.1 501 ");
        assertThat(ask("GET", "/api/v1/daemon", "")).contains("\"backend_collection\":null");
        assertThat(ask("GET", "/api/v1/metrics/inflight", "")).startsWith("HTTP/1.1 501 ");
    }

    @Test
    void listOfEntriesIsBoundAtTheStart() throws Exception {
        Path config = Files.writeString(
                work.resolve("blobs.json"), JSON.writeValueAsString(Map.of("blobs", List.of(entry("d", "i")))));
        start("--config", config.toString());
        assertThat(list()).contains("\"id\":\"i\"");
        assertThat(Files.readString(log(), StandardCharsets.UTF_8)).doesNotContain(SECRET);
        Path broken = Files.writeString(work.resolve("broken.json"), "{");
        assertThat(rafsd("nydusd", "singleton", "--config", broken.toString()))
                .matches(outcome -> outcome.status() == 1 && outcome.said().contains("is no JSON"));
    }

    @Test
    void fscacheIsRefusedByNameAndItsUsersAreToldOfErofs() throws Exception {
        assertThat(rafsd("nydusd", "singleton", "--fscache", cache.toString(), "--fscache-threads", "4"))
                .matches(outcome -> outcome.status() == 1)
                .extracting(Launcher.Outcome::said)
                .asString()
                .contains("fscache")
                .contains("--transport erofs");
    }
}
