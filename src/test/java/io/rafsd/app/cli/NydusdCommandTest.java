package io.rafsd.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.daemon.DaemonSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** nydusd's options, rules and exit codes, as far as they need no daemon. */
class NydusdCommandTest {

    private static final String MOUNT_POINT = "DIR";

    @TempDir
    private Path directory = Path.of("");

    private final List<DaemonSettings> started = new ArrayList<>();

    @BeforeEach
    void makeFiles() throws IOException {
        Files.writeString(directory.resolve("file"), "{ this is no configuration");
    }

    private int run(String line) {
        String[] arguments = line.isEmpty()
                ? new String[0]
                : line.replace(MOUNT_POINT, directory.toString()).split(" ");
        return CommandLines.run("nydusd", arguments, new Noting(), (_, _, _, _) -> {
            throw new IOException("no demonstration");
        });
    }

    private final class Noting implements DaemonHost {

        @Override
        public void answer(ControlAddress address) {
            // Nobody asks.
        }

        @Override
        public int run(DaemonLaunch launch) {
            DaemonSettings settings = launch.settings();
            assertThat(settings).isNotNull();
            started.add(settings);
            return 0;
        }

        @Override
        public void close() {
            // Nothing was begun.
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "fuse",
                "bogus",
                "--bogus --mountpoint DIR",
                "--mountpoint DIR --mountpoint DIR",
                "--mountpoint DIR --fuse-threads 0",
                "--mountpoint DIR --thread-num 1025",
                "--mountpoint DIR --fuse-threads many",
                "--mountpoint DIR --failover-policy maybe",
                "--mountpoint DIR --log-level loud",
                "--mountpoint DIR --id a",
                "--mountpoint DIR --supervisor /s",
                "--mountpoint DIR --prefetch-files DIR/file",
                "--mountpoint DIR --bootstrap /b --config /c --localfs-dir /d",
                "--mountpoint DIR --upgrade",
                "--apisock /s fuse --mountpoint DIR",
                "singleton --fscache-tag a",
                "singleton --fscache-threads 0",
                "singleton --mountpoint DIR",
            })
    void lineThatBreaksARuleIsAUsageErrorAndStartsNothing(String line) {
        assertThat(run(line)).as(line).isEqualTo(2);
        assertThat(started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--mountpoint DIR/none",
                "--mountpoint DIR/file",
                "--mountpoint DIR --log-rotation-size x",
                "--mountpoint DIR --rlimit-nofile x",
                "--mountpoint DIR --bootstrap /b",
                "--mountpoint DIR --bootstrap /b --config DIR/none",
                "--mountpoint DIR --bootstrap /b --localfs-dir /d --prefetch-files DIR/none",
                "--mountpoint DIR --log-file DIR/file/log",
                "singleton --fscache DIR",
            })
    void lineThatCannotBeDoneIsAFailureAndStartsNothing(String line) {
        assertThat(run(line)).as(line).isEqualTo(1);
        assertThat(started).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "fuse --help", "singleton -h", "--version", "-V"})
    void whoAsksForHelpOrTheVersionGetsItAndNothingStarts(String line) {
        assertThat(run(line)).as(line).isZero();
        assertThat(started).isEmpty();
    }

    @Test
    void linesOfNydusSnapshotterAreTakenAsTheyAre() {
        assertThat(run("fuse --thread-num 4 --id D --mountpoint DIR --apisock DIR/a --log-level info"
                        + " --log-rotation-size 100 --supervisor /s --log-file DIR/nydusd.log --backend-source http://x"
                        + " --failover-policy resend"))
                .isZero();
        assertThat(run("singleton --id D --apisock DIR/a --log-level info --log-rotation-size 100 --supervisor /s"
                        + " --log-file DIR/nydusd.log --failover-policy resend"))
                .isZero();
        assertThat(started).extracting(DaemonSettings::isSingleton).containsExactly(false, true);
    }

    @Test
    void configurationIsNotReadWithoutABootstrap() {
        assertThat(run("--mountpoint DIR --config DIR/file")).isZero();
        assertThat(run("--mountpoint DIR --config DIR/file --bootstrap /b")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "-M DIR -A /s, RESEND, 4, false",
        "-M=DIR -A=/s, RESEND, 4, false",
        "--mountpoint=DIR --apisock=/s --fuse-threads=7, RESEND, 7, false",
        "--mountpoint DIR --apisock /s --thread-num 9 --failover-policy flush --upgrade, FLUSH, 9, true",
        "fuse --mountpoint DIR --apisock /s --failover-policy none, NONE, 4, false",
    })
    void optionsReachTheDaemonInEveryFormThatNydusdTakes(String line, String policy, int threads, boolean waits) {
        assertThat(run(line)).isZero();
        assertThat(started).singleElement().satisfies(settings -> {
            assertThat(settings.apiSocket()).isEqualTo(Path.of("/s"));
            assertThat(settings.failover()).hasToString(policy);
            assertThat(settings.mount())
                    .isNotNull()
                    .satisfies(mount -> assertThat(mount.threads()).isEqualTo(threads));
            assertThat(settings.waits()).isEqualTo(waits);
        });
    }
}
