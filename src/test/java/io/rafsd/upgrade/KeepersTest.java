package io.rafsd.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.Fd;
import io.rafsd.linux.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon and those who keep its state, in one process and over a real socket. */
class KeepersTest {

    @TempDir
    private Path directory = Path.of("");

    private Path socket = Path.of("");
    private Keepers keepers;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @BeforeEach
    void begin() throws IOException {
        socket = directory.resolve("api.sock.standby");
        keepers = Keepers.listen(socket);
    }

    @AfterEach
    void end() {
        keepers.close();
        threads.shutdownNow();
    }

    private void offer(String content) throws IOException {
        Path file = Files.writeString(directory.resolve(content), content);
        try (Fd device = Fd.open(file, Fd.O_RDONLY, 0)) {
            keepers.offer(new Estate(content.getBytes(StandardCharsets.UTF_8), device));
        }
    }

    private Future<Keeper.End> follow(Keeper keeper) {
        return threads.submit(() -> keeper.follow((_, state) -> heard.add(new String(state, StandardCharsets.UTF_8))));
    }

    private Future<Keeper.End> followReady(Keeper standby) {
        return threads.submit(() -> standby.follow((number, _) -> {
            try {
                standby.couldGoOnWith(number);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }));
    }

    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        return String.valueOf(queue.poll(20, TimeUnit.SECONDS));
    }

    private static Keeper.End await(Future<Keeper.End> end) throws Exception {
        return end.get(20, TimeUnit.SECONDS);
    }

    @Test
    void whoComesIsGivenTheNewestStateAndEachThatFollows() throws Exception {
        offer("first");
        offer("second");
        try (Keeper keeper = Keeper.connect(socket, false)) {
            Future<Keeper.End> end = follow(keeper);
            assertThat(next(heard)).isEqualTo("second");
            offer("third, and longer");
            assertThat(next(heard)).isEqualTo("third, and longer");
            Estate kept = Objects.requireNonNull(keeper.estate());
            try (Fd device = kept.device()) {
                assertThat(device.size()).isEqualTo("third, and longer".length());
            }
            keepers.farewell();
            assertThat(await(end)).isEqualTo(Keeper.End.FAREWELL);
        }
    }

    @Test
    void aDaemonThatLeavesAsksForASuccessorAndGivesItsLockAwayFirst() throws Exception {
        offer("state");
        assertThat(Keepers.tryLock(socket)).isNull();
        try (Keeper keeper = Keeper.connect(socket, true)) {
            Future<Keeper.End> end = follow(keeper);
            assertThat(next(heard)).isEqualTo("state");
            keepers.leave();
            assertThat(await(end)).isEqualTo(Keeper.End.LEFT);
            try (LockFile lock = Keepers.tryLock(socket)) {
                assertThat(lock).isNotNull();
            }
        }
    }

    @Test
    void aKeeperThatIsCutOffByADaemonThatLivesDoesNotTakeItForDead() throws Exception {
        try (Keeper keeper = Keeper.connect(socket, true)) {
            Future<Keeper.End> end = follow(keeper);
            keeper.end();
            assertThat(await(end)).isEqualTo(Keeper.End.DROPPED);
        }
    }

    @Test
    void standbysThatCouldGoOnAreCountedAndTold() throws Exception {
        try (Keeper supervisor = Keeper.connect(socket, false);
                Keeper standby = Keeper.connect(socket, true)) {
            Future<Keeper.End> first = follow(supervisor);
            Future<Keeper.End> second = followReady(standby);
            offer("state");
            Awaitility.await().until(() -> supervisor.standbys() == 1);
            standby.end();
            await(second);
            Awaitility.await().until(() -> supervisor.standbys() == 0);
            keepers.farewell();
            await(first);
        }
    }

    @Test
    void onlyTheOwnerMayConnectAndASecondDaemonMayNotServe() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThatExceptionOfType(AlreadyExists.class).isThrownBy(() -> Keepers.listen(socket));
        keepers.close();
        assertThat(Files.exists(socket)).isFalse();
        keepers = Keepers.listen(socket);
    }

    @Test
    void aSocketWhosePathIsTooLongForTheSystemServesAllTheSame() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("d".repeat(120))).resolve("api.sock.standby");
        try (Keepers other = Keepers.listen(deep);
                Keeper keeper = Keeper.connect(deep, true)) {
            Future<Keeper.End> end = follow(keeper);
            other.farewell();
            assertThat(await(end)).isEqualTo(Keeper.End.FAREWELL);
        }
    }

    @Test
    void noDescriptorIsLeftOpen() throws Exception {
        offer("state");
        long open = openFiles();
        for (int i = 0; i < 30; i++) {
            try (Keeper keeper = Keeper.connect(socket, true)) {
                Future<Keeper.End> end = follow(keeper);
                assertThat(next(heard)).startsWith("state");
                offer("state" + i);
                assertThat(next(heard)).startsWith("state");
                keeper.end();
                await(end);
            }
        }
        Awaitility.await().until(() -> openFiles() < open + 15);
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @Test
    void whoSpeaksNothingThatWeSpeakIsRefusedWithASentence() {
        KeeperMessage.Hello own = KeeperMessage.Hello.of(KeeperMessage.Role.DAEMON);
        assertThatExceptionOfType(UpgradeFailure.class)
                .isThrownBy(
                        () -> own.agree(new KeeperMessage.Hello(9, 2, 1, 1, KeeperMessage.Role.STANDBY, "rafsd 99")))
                .withMessageContaining("rafsd 99 has 2 to 9");
        assertThatExceptionOfType(UpgradeFailure.class)
                .isThrownBy(
                        () -> own.agree(new KeeperMessage.Hello(1, 1, 3, 2, KeeperMessage.Role.STANDBY, "rafsd 99")))
                .withMessageContaining("state");
    }

    @Test
    void withANewerOneTheLowerVersionIsSpoken() throws Exception {
        KeeperMessage.Hello own = KeeperMessage.Hello.of(KeeperMessage.Role.DAEMON);
        assertThat(own.agree(new KeeperMessage.Hello(7, 1, 5, 1, KeeperMessage.Role.OTHER, "rafsd 99")))
                .isEqualTo(1);
    }
}
