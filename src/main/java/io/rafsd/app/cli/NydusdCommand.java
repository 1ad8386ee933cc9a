package io.rafsd.app.cli;

import io.rafsd.daemon.DaemonSettings;
import io.rafsd.fuse.FailoverPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** nydusd's command line: without a sub-command, with {@code fuse}, or with {@code singleton}. */
@Command(
        name = "nydusd",
        sortOptions = false,
        description = "Serves a RAFS image as a filesystem; takes nydusd's options as they are.")
final class NydusdCommand implements Callable<Integer> {

    private final DaemonRunner runner;

    @Mixin
    private NydusdOptions options = new NydusdOptions();

    NydusdCommand(DaemonRunner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        return runner.run(options.launch());
    }

    @Command(name = "fuse", sortOptions = false, description = "the same, as a sub-command")
    int fuse(@Mixin NydusdOptions given) throws IOException {
        return runner.run(given.launch());
    }

    @Command(name = "singleton", description = "manages cached blobs and mounts nothing")
    int singleton(
            @Mixin LogOptions log,
            @Option(
                            names = {"-A", "--apisock"},
                            paramLabel = "PATH",
                            description = "unix socket of the control API")
                    @Nullable
                    Path apiSocket,
            @Option(names = "--id", paramLabel = "ID", description = "id of the daemon") @Nullable String id,
            @Option(names = "--supervisor", paramLabel = "PATH", description = "socket of the supervisor") @Nullable
                    Path supervisor,
            @Option(
                            names = "--actuator-port",
                            paramLabel = "PORT",
                            defaultValue = "-1",
                            description = "serve health, metrics and endpoints there")
                    int actuatorPort)
            throws IOException {
        log.apply();
        DaemonSettings settings = new DaemonSettings(
                id, supervisor, apiSocket, null, "kernel", null, "/", FailoverPolicy.RESEND, null, false);
        return runner.run(new DaemonLaunch(settings, null, actuatorPort, true));
    }
}
