package io.rafsd.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ControlAddressTest {

    private static final Path SOCKET = Path.of("/run/api.sock");

    @Test
    void socketIsSeenInEveryFormThatTheOptionMayHave() {
        ControlAddress expected = new ControlAddress(SOCKET, null, null, false);
        assertThat(ControlAddress.glance(new String[] {"--apisock", "/run/api.sock"}, false))
                .isEqualTo(expected);
        assertThat(ControlAddress.glance(new String[] {"fuse", "--apisock=/run/api.sock"}, false))
                .isEqualTo(expected);
        assertThat(ControlAddress.glance(new String[] {"-M", "/mnt", "-A", "/run/api.sock"}, false))
                .isEqualTo(expected);
    }

    @Test
    void whoItIsIsSeenToo() {
        assertThat(ControlAddress.glance(
                        new String[] {"--id", "a", "--supervisor=/run/super.sock", "--apisock", "/run/api.sock"},
                        false))
                .isEqualTo(new ControlAddress(SOCKET, "a", Path.of("/run/super.sock"), false));
    }

    @Test
    void whereNothingIsStartedNothingAnswers() {
        assertThat(ControlAddress.glance(new String[] {"--mountpoint", "/mnt"}, false))
                .isNull();
        assertThat(ControlAddress.glance(new String[] {"--apisock", "/run/api.sock", "--help"}, false))
                .isNull();
        assertThat(ControlAddress.glance(new String[] {"--apisock"}, false)).isNull();
    }
}
