package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The process that {@code nydusd} becomes, as supervisors see it. A singleton mounts nothing and so needs no privilege. */
class NydusdProcessIT {

    private static final Pattern COMMIT = Pattern.compile("Git Commit:\\s*(.+)");

    @TempDir
    private Path directory = Path.of("");

    private ControlSocket socket = new ControlSocket(Path.of(""));
    private Process process = nothing();

    @SuppressWarnings("NullAway") // set before it is used
    private static Process nothing() {
        return null;
    }

    @BeforeEach
    void start() throws IOException {
        assumeThat(Launcher.program("nydusd"))
                .as("the distribution at " + Launcher.DISTRIBUTION)
                .exists();
        socket = new ControlSocket(directory.resolve("api.sock"));
        process = new ProcessBuilder(List.of(
                        Launcher.program("nydusd").toString(),
                        "singleton",
                        "--apisock",
                        socket.path().toString(),
                        "--log-file",
                        directory.resolve("logs/nydusd.log").toString(),
                        "--log-rotation-size",
                        "1"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
        await().atMost(Duration.ofMinutes(1))
                // The socket is there a moment before anybody listens.
                .ignoreExceptionsInstanceOf(ConnectException.class)
                .until(() -> Files.exists(socket.path()) && daemon().contains("\"RUNNING\""));
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    private String daemon() throws IOException {
        return socket.ask("GET", "/api/v1/daemon", "");
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        assertThat(Launcher.run(List.of("kill", "-" + name, Long.toString(pid))).status())
                .isZero();
    }

    @Test
    void commitOfTheLauncherIsThatOfTheDaemon() throws Exception {
        Launcher.Outcome version =
                Launcher.run(List.of(Launcher.program("nydusd").toString(), "--version"));
        assertThat(version.status()).isZero();
        Matcher commit = COMMIT.matcher(version.said());
        assertThat(commit.find()).as(version.said()).isTrue();
        assertThat(version.said()).startsWith("nydusd ").containsPattern("(?m)^Version: ");
        assertThat(daemon()).contains("\"git_commit\":\"" + commit.group(1).strip() + "\"");
    }

    @Test
    void processIsFoundUnderTheNameItWasCalledBy() throws IOException {
        assertThat(Path.of("/proc", Long.toString(process.pid()), "comm")).hasContent("nydusd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void signalEndsItWithNothingLeftBehind(String name) throws Exception {
        signal(name, process.pid());
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(socket.path()).doesNotExist();
    }

    @Test
    void secondSignalChangesNothing() throws Exception {
        signal("TERM", process.pid());
        // The second one may come too late.
        Launcher.run(List.of("kill", "-TERM", Long.toString(process.pid())));
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void logGoesToTheFileThatRotatesAndItsLevelFollowsTheApi() throws IOException {
        Path log = directory.resolve("logs/nydusd_rCURRENT.log");
        assertThat(log).content().contains("INFO Program Version: v").doesNotContain("DEBUG");
        assertThat(socket.ask("PUT", "/api/v1/daemon", "{\"log_level\":\"DEBUG\"}"))
                .startsWith("HTTP/1.1 204 ");
        assertThat(log).content().contains("log level is debug");
        assertThat(socket.ask("PUT", "/api/v1/daemon", "{\"log_level\":\"warn\"}"))
                .startsWith("HTTP/1.1 204 ");
        assertThat(log).content().doesNotContain("log level is warn");
        assertThat(directory.resolve("said")).isEmptyFile();
    }
}
