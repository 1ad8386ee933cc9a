package io.rafsd.app.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rafsd standby}: a second process that takes over at once when the daemon on the same control socket dies. */
@Command(
        name = "standby",
        sortOptions = false,
        description =
                "Waits, started and warm, and takes the daemon's place when it dies; give it the daemon's options.")
final class StandbyCommand implements Callable<Integer> {

    private final DaemonRunner runner;

    @Mixin
    private NydusdOptions options = new NydusdOptions();

    StandbyCommand(DaemonRunner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        DaemonLaunch launch = options.launch();
        return runner.run(launch.following(launch.succession().asStandby()));
    }
}
