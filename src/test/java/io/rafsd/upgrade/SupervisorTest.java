package io.rafsd.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.UpgradeFailure;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State and descriptor go to a supervisor that is none of ours, and come back. */
class SupervisorTest {

    /** More than a socket takes at once. */
    private static final int LARGE = 5_000_000;

    @TempDir
    private Path directory = Path.of("");

    private io.rafsd.testing.Supervisor other;
    private Supervisor supervisor = new Supervisor(Path.of(""));

    @BeforeEach
    void begin() throws IOException {
        other = new io.rafsd.testing.Supervisor(directory.resolve("sock"));
        supervisor = new Supervisor(other.socket());
    }

    @AfterEach
    void end() throws IOException {
        other.close();
    }

    private byte[] save() throws IOException {
        byte[] state = new byte[LARGE];
        new Random(1).nextBytes(state);
        Path file = Files.writeString(directory.resolve("file"), "what the descriptor leads to");
        other.expectState();
        try (Fd device = Fd.open(file, Fd.O_RDONLY, 0)) {
            supervisor.save(new Estate(state, device));
        }
        assertThat(other.awaitState()).isTrue();
        return state;
    }

    @Test
    void stateAndDescriptorComeBackAsOftenAsTheyAreAskedFor() throws Exception {
        byte[] state = save();
        assertThat(other.state()).isEqualTo(state);
        for (int i = 0; i < 2; i++) {
            other.offerState();
            Estate kept = supervisor.estate();
            try (Fd device = kept.device()) {
                assertThat(kept.state()).isEqualTo(state);
                assertThat(device.size()).isEqualTo(Files.size(directory.resolve("file")));
            }
        }
    }

    @Test
    void ofManyDescriptorsTheFirstIsTakenAndNoneIsLeftOpen() throws Exception {
        save();
        long open = openFiles();
        for (int i = 0; i < 20; i++) {
            other.offerState(5);
            supervisor.estate().device().close();
        }
        assertThat(openFiles()).isLessThan(open + 20);
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @Test
    void stateWithoutADescriptorIsNothingToTakeOver() throws Exception {
        other.offerState(0);
        assertThatExceptionOfType(UpgradeFailure.class)
                .isThrownBy(supervisor::estate)
                .withMessageContaining("no descriptor");
    }

    @Test
    void aSupervisorThatIsReleasedKeepsWhatItHas() throws Exception {
        byte[] state = save();
        other.expectState();
        supervisor.release();
        assertThat(other.awaitState()).isFalse();
        assertThat(other.state()).isEqualTo(state);
    }

    @Test
    void aSupervisorThatIsNotThereIsNamed() {
        assertThatExceptionOfType(UpgradeFailure.class)
                .isThrownBy(() -> new Supervisor(directory.resolve("nobody")).estate())
                .withMessageContaining("nobody");
        supervisor.release();
    }
}
