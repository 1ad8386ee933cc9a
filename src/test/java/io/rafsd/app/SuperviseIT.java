package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.builder.BuildOptions;
import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.UnixSocket;
import io.rafsd.testing.ControlSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code rafsd supervise} keeps a mount alive while the daemons that serve it die, and ends as its daemon does. */
class SuperviseIT {

    private static final int TIMES = Integer.getInteger("rafsd.takeovers", 3);
    private static final int READERS = 8;

    @TempDir
    private Path work = Path.of("");

    private final List<Process> processes = new ArrayList<>();
    private ServedTree tree = ServedTree.NONE;
    private Path mountPoint = Path.of("");
    private ControlSocket control = new ControlSocket(Path.of(""));

    @BeforeEach
    void buildAnImage() throws IOException {
        Launcher.requireAMachineThatCanMount();
        tree = ServedTree.build(work);
        mountPoint = Files.createDirectory(work.resolve("mnt"));
        control = new ControlSocket(work.resolve("api.sock"));
    }

    @AfterEach
    void leaveNothingBehind() throws Exception {
        List<ProcessHandle> children =
                processes.stream().flatMap(Process::descendants).toList();
        for (Process process : processes) {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
        children.forEach(ProcessHandle::destroyForcibly);
        if (Files.exists(control.path())) {
            serving().destroyForcibly();
        }
        new ProcessBuilder("umount", "-l", mountPoint.toString()).start().waitFor();
    }

    private Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(work.resolve("log").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    private Process supervise(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Launcher.program("rafsd").toString(), "supervise"));
        command.addAll(List.of(options));
        command.add("--");
        command.addAll(daemon());
        return start(command);
    }

    private List<String> daemon() throws IOException {
        return List.of(
                Launcher.program("nydusd").toString(),
                "--mountpoint",
                mountPoint.toString(),
                "--apisock",
                control.path().toString(),
                "--bootstrap",
                tree.bootstrap().toString(),
                "--config",
                Files.writeString(work.resolve("config.json"), tree.config()).toString(),
                "--log-level",
                "info");
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
    }

    private boolean isRunning() {
        try {
            return control.ask("GET", "/api/v1/daemon", "").contains("\"state\":\"RUNNING\"");
        } catch (IOException e) {
            return false;
        }
    }

    /** The process that answers on the control socket. */
    private ProcessHandle serving() throws IOException {
        try (UnixSocket socket = UnixSocket.connect(control.path(), 10)) {
            return ProcessHandle.of(socket.peer().pid()).orElseThrow();
        }
    }

    /** Serves, and the supervisor has what it would leave: whoever goes before that is not followed. */
    private ProcessHandle awaitServing() throws IOException {
        await().until(() -> isRunning() && holdsTheMount(processes.getLast().pid()));
        return serving();
    }

    private static boolean holdsTheMount(long pid) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : open) {
                if (Files.readSymbolicLink(descriptor).endsWith("fuse")) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            // One of them was closed meanwhile.
            return false;
        }
    }

    private void kill() throws Exception {
        ProcessHandle victim = serving();
        assertThat(victim.destroyForcibly()).isTrue();
        await().until(() -> !victim.isAlive());
        await().until(() -> isRunning() && serving().pid() != victim.pid());
    }

    private String log() throws IOException {
        return Files.readString(work.resolve("log"));
    }

    private boolean isMounted() throws IOException {
        return MountTable.at(mountPoint) != null;
    }

    private void assertNothingHappened(Readers.Result result) throws IOException {
        System.out.println(result);
        assertThat(result.errors() + result.wrong()).as(result.first() + log()).isZero();
        assertThat(result.rounds()).isGreaterThanOrEqualTo(READERS);
    }

    @Test
    void readersNoticeNothingOfDaemonsThatAreKilled() throws Exception {
        Process supervise = supervise();
        awaitServing();
        try (Readers readers = new Readers(READERS, tree.source(), mountPoint, work)) {
            for (int i = 0; i < TIMES; i++) {
                kill();
            }
            assertNothingHappened(readers.finish());
        }
        supervise.destroy();
        assertThat(supervise.waitFor(30, TimeUnit.SECONDS)).as(log()).isTrue();
        assertThat(supervise.exitValue()).isZero();
        assertThat(isMounted()).isFalse();
    }

    @Test
    void whatIsMountedOverTheApiIsThereAfterADeathAndWhatIsUnmountedIsNot() throws Exception {
        List<String> command = new ArrayList<>(List.of(Launcher.program("rafsd").toString(), "supervise", "--"));
        command.addAll(List.of(
                Launcher.program("nydusd").toString(),
                "--mountpoint",
                mountPoint.toString(),
                "--apisock",
                control.path().toString()));
        start(command);
        awaitServing();
        String body = JsonMapper.shared()
                .writeValueAsString(
                        Map.of("source", tree.bootstrap().toString(), "fs_type", "rafs", "config", tree.config()));
        for (String name : List.of("one", "two")) {
            assertThat(control.ask("POST", "/api/v1/mount?mountpoint=/" + name, body))
                    .startsWith("HTTP/1.1 204");
        }
        assertThat(control.ask("DELETE", "/api/v1/mount?mountpoint=/one", "")).startsWith("HTTP/1.1 204");
        kill();
        assertThat(mountPoint.resolve("one")).doesNotExist();
        assertThat(mountPoint.resolve("two/d1/sub/file2"))
                .hasSameBinaryContentAs(tree.source().resolve("d1/sub/file2"));
    }

    @Test
    void aDaemonThatIsToldToExitIsFollowedByAnother() throws Exception {
        supervise();
        ProcessHandle first = awaitServing();
        assertThat(control.ask("PUT", "/api/v1/daemon/exit", "")).startsWith("HTTP/1.1 204");
        await().until(() -> isRunning() && serving().pid() != first.pid());
        assertThat(mountPoint.resolve("d1/sub/file2"))
                .hasSameBinaryContentAs(tree.source().resolve("d1/sub/file2"));
    }

    @Test
    void aMountThatIsRemovedEndsItAndADaemonThatCannotStartGivesItsExitCode() throws Exception {
        Process supervise = supervise();
        awaitServing();
        new ProcessBuilder("umount", "-l", mountPoint.toString()).start().waitFor();
        assertThat(supervise.waitFor(30, TimeUnit.SECONDS)).as(log()).isTrue();
        assertThat(supervise.exitValue()).isZero();
        Files.delete(tree.bootstrap());
        supervise = supervise();
        assertThat(supervise.waitFor(30, TimeUnit.SECONDS)).as(log()).isTrue();
        assertThat(supervise.exitValue()).isEqualTo(1);
    }

    @Test
    void whenTheSupervisorIsKilledTheDaemonServesOnAndTheNextSupervisorGoesOnWithIt() throws Exception {
        Process supervise = supervise();
        ProcessHandle daemon = awaitServing();
        supervise.destroyForcibly().waitFor();
        supervise = supervise();
        await().until(() -> log().contains("a daemon serves already"));
        assertThat(serving().pid()).isEqualTo(daemon.pid());
        assertThat(mountPoint.resolve("d1/sub/file2"))
                .hasSameBinaryContentAs(tree.source().resolve("d1/sub/file2"));
        kill();
        assertThat(mountPoint.resolve("d2/sub/file3"))
                .hasSameBinaryContentAs(tree.source().resolve("d2/sub/file3"));
        assertThat(supervise.isAlive()).isTrue();
    }

    @Test
    void aReaderWhoseRequestTheDeadDaemonHadTakenGetsItsAnswer() throws Exception {
        PublishedTree published = PublishedTree.of(
                tree.source(), Files.createDirectory(work.resolve("published")), BuildOptions.defaults());
        try (EmbeddedRegistry registry = published.serve(0);
                LateProxy network = LateProxy.before(registry.address().getPort(), Duration.ZERO)) {
            String rafsd = Launcher.program("rafsd").toString();
            Process supervise = start(List.of(
                    rafsd,
                    "supervise",
                    "--",
                    rafsd,
                    "mount",
                    "--foreground",
                    network.host() + "/" + PublishedTree.REPOSITORY,
                    mountPoint.toString()));
            await().until(() -> Launcher.rafsd("list").said().contains(mountPoint.toString()));
            network.fallSilent();
            Process reader = new ProcessBuilder("cmp", mountPoint + "/d4/sub/file5", tree.source() + "/d4/sub/file5")
                    .redirectErrorStream(true)
                    .start();
            ProcessHandle daemon = supervise.children().findFirst().orElseThrow();
            await().until(() -> isBlockedInARead(reader));
            daemon.destroyForcibly();
            await().until(() -> log().contains("the next one starts"));
            network.speakAgain();
            assertThat(reader.waitFor(60, TimeUnit.SECONDS)).as(log()).isTrue();
            assertThat(reader.exitValue())
                    .as(new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
            supervise.destroy();
            assertThat(supervise.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** It waits in the kernel, for a page or for the answer to a request. */
    private static boolean isBlockedInARead(Process reader) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + reader.pid() + "/stat"));
        return stat.contains(") D ") || stat.contains(") S ");
    }
}
