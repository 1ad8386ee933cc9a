package io.rafsd.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rafsd.linux.MountTable;
import io.rafsd.testing.ControlSocket;
import io.rafsd.testing.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A mount outlives the processes that serve it: eight readers compare every byte while one daemon after the other is
 * upgraded or killed, in the order of nydus-snapshotter's calls. How often is set with {@code rafsd.takeovers}.
 */
class TakeoverIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int TIMES = Integer.getInteger("rafsd.takeovers", 3);
    private static final int READERS = 8;
    private static final String PEER = "RAFSD_PEER_NYDUSD";

    @TempDir
    private Path work = Path.of("");

    private final List<Process> processes = new ArrayList<>();
    private final List<Long> pauses = new ArrayList<>();
    private ServedTree tree = ServedTree.NONE;
    private Path mountPoint = Path.of("");
    private int sockets;
    private @Nullable Supervisor supervisor;
    private @Nullable Served serving;

    /** A daemon and its control socket. */
    private record Served(Process process, ControlSocket socket) {

        int put(String path) throws IOException {
            return status(socket.ask("PUT", "/api/v1/daemon/" + path, ""));
        }

        String state() {
            try {
                String answer = socket.ask("GET", "/api/v1/daemon", "");
                int at = answer.indexOf("\"state\":\"") + 9;
                return at < 9 ? "" : answer.substring(at, answer.indexOf('"', at));
            } catch (IOException e) {
                return "";
            }
        }

        private static int status(String answer) {
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }

    @BeforeEach
    void mountAnImage() throws Exception {
        Launcher.requireAMachineThatCanMount();
        tree = ServedTree.build(work);
        mountPoint = Files.createDirectory(work.resolve("mnt"));
        supervisor = new Supervisor(work.resolve("supervisor.sock"));
    }

    @AfterEach
    void leaveNothingBehind() throws Exception {
        new ProcessBuilder("umount", "-lq", work.resolve("erofs").toString())
                .start()
                .waitFor();
        new ProcessBuilder("umount", "-l", mountPoint.toString()).start().waitFor();
        for (Process process : processes) {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
        Supervisor kept = supervisor;
        if (kept != null) {
            kept.close();
        }
    }

    private static String rafsd() {
        return Launcher.program("nydusd").toString();
    }

    private Supervisor supervisor() {
        return Objects.requireNonNull(supervisor);
    }

    private Served serving() {
        return Objects.requireNonNull(serving);
    }

    private Served spawn(String program, Path socket, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program,
                "--mountpoint",
                mountPoint.toString(),
                "--apisock",
                socket.toString(),
                "--id",
                "d1",
                "--supervisor",
                supervisor().socket().toString(),
                // The highest that nydusd wants is more than some machines allow, and it ends then.
                "--rlimit-nofile",
                "0",
                "--log-level",
                "warn"));
        command.addAll(List.of(more));
        ProcessBuilder daemon = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(work.resolve("log").toFile()));
        daemon.environment().put("RAFSD_STATE_DIR", work.resolve("state").toString());
        Process process = daemon.start();
        processes.add(process);
        return new Served(process, new ControlSocket(socket));
    }

    private void await(Served daemon, String state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> daemon.state().equals(state));
    }

    private Path nextSocket() {
        return work.resolve("api" + sockets++ + ".sock");
    }

    private void startAndMount(String program) throws Exception {
        Served first = spawn(program, nextSocket());
        await(first, "RUNNING");
        for (String path : List.of("/one", "/deep/two")) {
            assertThat(mount(first, path)).isEqualTo(204);
        }
        serving = first;
        save();
    }

    private int mount(Served daemon, String path) throws IOException {
        return mount(daemon, path, "fuse");
    }

    private int mount(Served daemon, String path, String transport) throws IOException {
        String body = JSON.writeValueAsString(Map.of(
                "source",
                tree.bootstrap().toString(),
                "fs_type",
                "rafs",
                "config",
                tree.config(),
                "transport",
                transport));
        return Served.status(daemon.socket().ask("POST", "/api/v1/mount?mountpoint=" + path, body));
    }

    private void save() throws Exception {
        supervisor().expectState();
        assertThat(serving().put("fuse/sendfd")).isEqualTo(204);
        assertThat(supervisor().awaitState()).isTrue();
    }

    /** As nydus-snapshotter does it: the new one takes over, the old one leaves, the new one starts. */
    private void upgrade(String program) throws Exception {
        Served old = serving();
        Served next = spawn(program, nextSocket(), "--upgrade");
        await(next, "INIT");
        supervisor().offerState();
        assertThat(next.put("fuse/takeover")).isEqualTo(204);
        await(next, "READY");
        long begin = System.nanoTime();
        assertThat(old.put("exit")).isEqualTo(204);
        assertThat(old.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(next.put("start")).isEqualTo(204);
        pauses.add((System.nanoTime() - begin) / 1_000_000);
        await(next, "RUNNING");
        serving = next;
        save();
    }

    /** The same socket and no {@code --upgrade}: the daemon finds out itself that one died before it. */
    private void failOver() throws Exception {
        Served old = serving();
        long begin = System.nanoTime();
        old.process().destroyForcibly().waitFor();
        Served next = spawn(rafsd(), old.socket().path());
        await(next, "INIT");
        supervisor().offerState();
        assertThat(next.put("fuse/takeover")).isEqualTo(204);
        assertThat(next.put("start")).isEqualTo(204);
        pauses.add((System.nanoTime() - begin) / 1_000_000);
        await(next, "RUNNING");
        serving = next;
        save();
    }

    private Readers readers(int count) throws IOException {
        return new Readers(count, tree.source(), mountPoint.resolve("deep/two"), work);
    }

    private void assertNothingHappened(Readers.Result result) {
        pauses.sort(null);
        System.out.printf(
                "%d takeovers under %s; pause median %d ms, worst %d ms%n",
                pauses.size(), result, pauses.get(pauses.size() / 2), pauses.getLast());
        assertThat(result.errors() + result.wrong()).as(result.first()).isZero();
        assertThat(result.rounds()).isGreaterThanOrEqualTo(READERS);
    }

    @Test
    void readersNoticeNothingOfUpgrades() throws Exception {
        startAndMount(rafsd());
        try (Readers readers = readers(READERS)) {
            for (int i = 0; i < TIMES; i++) {
                upgrade(rafsd());
            }
            assertNothingHappened(readers.finish());
        }
        // What was mounted can be unmounted, and more can be mounted.
        assertThat(Served.status(serving().socket().ask("DELETE", "/api/v1/mount?mountpoint=/one", "")))
                .isEqualTo(204);
        assertThat(mount(serving(), "/three")).isEqualTo(204);
        assertThat(mountPoint.resolve("three/d0/sub/file0"))
                .hasSameBinaryContentAs(tree.source().resolve("d0/sub/file0"));
    }

    @Test
    void readersNoticeNothingOfDaemonsThatAreKilled() throws Exception {
        startAndMount(rafsd());
        try (Readers readers = readers(READERS)) {
            for (int i = 0; i < TIMES; i++) {
                failOver();
            }
            assertNothingHappened(readers.finish());
        }
    }

    @Test
    void readersOfTheKernelsErofsNoticeNothingOfUpgradesAndDaemonsThatAreKilled() throws Exception {
        assumeTrue(ErofsReader.isThere(), "this kernel has no EROFS built in");
        Path target = Files.createDirectory(work.resolve("erofs"));
        startAndMount(rafsd());
        assertThat(mount(serving(), target.toString(), "erofs")).isEqualTo(204);
        save();
        try (Readers readers = new Readers(READERS, tree.source(), target, work)) {
            for (int i = 0; i < TIMES; i++) {
                failOver();
                upgrade(rafsd());
            }
            assertNothingHappened(readers.finish());
        }
        // The last one knows the mount and owns it.
        assertThat(serving().socket().ask("GET", "/api/v1/mount", "")).contains(target.toString());
        assertThat(mount(serving(), target.toString(), "erofs")).isEqualTo(204);
        serving().process().destroy();
        assertThat(serving().process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(MountTable.at(target)).isNull();
    }

    @Test
    void aFailedTakeoverLeavesTheLivingDaemonAloneAndCanBeRepeated() throws Exception {
        startAndMount(rafsd());
        try (Readers readers = readers(2)) {
            byte[] good = supervisor().state();
            byte[] damaged = good.clone();
            damaged[damaged.length / 2] ^= 1;
            supervisor().replaceState(damaged);
            Served next = spawn(rafsd(), nextSocket(), "--upgrade");
            await(next, "INIT");
            // Nobody listens; then what comes is damaged.
            assertThat(next.put("fuse/takeover")).isEqualTo(500);
            supervisor().offerState();
            assertThat(next.put("fuse/takeover")).isEqualTo(500);
            assertThat(next.state()).isEqualTo("INIT");
            assertThat(next.put("start")).isEqualTo(400);
            Served third = spawn(rafsd(), nextSocket(), "--upgrade");
            await(third, "INIT");
            // It gives way to what is restored.
            assertThat(mount(third, "/one")).isEqualTo(204);
            assertThat(next.put("exit")).isEqualTo(204);
            assertThat(next.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            supervisor().replaceState(good);
            supervisor().offerState();
            assertThat(third.put("fuse/takeover")).isEqualTo(204);
            // Taken over and not started: the mount is not its own to remove.
            third.process().destroy();
            assertThat(third.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            upgrade(rafsd());
            Readers.Result result = readers.finish();
            assertThat(result.errors() + result.wrong()).as(result.first()).isZero();
        }
    }

    @Test
    void aWrongByteIsSeenByTheReaders() throws Exception {
        startAndMount(rafsd());
        Path file = tree.source().resolve("d3/sub/file4");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        try (Readers readers = readers(1)) {
            Readers.Result result = readers.finish();
            assertThat(result.wrong()).isPositive().isEqualTo(result.rounds());
        }
    }

    @Test
    void nydusdAndRafsdFollowEachOther() throws Exception {
        String peer = System.getenv(PEER);
        assumeTrue(peer != null, PEER + " names no nydusd");
        startAndMount(peer);
        try (Readers readers = readers(READERS)) {
            for (int i = 0; i < TIMES; i++) {
                upgrade(rafsd());
                upgrade(peer);
            }
            assertNothingHappened(readers.finish());
        }
    }
}
