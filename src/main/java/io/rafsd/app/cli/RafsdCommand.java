package io.rafsd.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** rafsd's own command line. */
@Command(
        name = "rafsd",
        description = "Mounts container images and model files before they are downloaded.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "nydusd's options are taken by 'rafsd nydusd', and by this program under the name nydusd."},
        mixinStandardHelpOptions = true)
public final class RafsdCommand implements Callable<Integer> {

    private final DaemonRunner daemon;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public RafsdCommand(DaemonRunner daemon) {
        this.daemon = daemon;
    }

    @Override
    public Integer call() {
        new CommandLine(spec).usage(System.out);
        return 2;
    }

    @Command(name = "daemon", description = "runs as a service, configured by rafsd.* properties and RAFSD_* variables")
    int service() throws Exception {
        return daemon.run(new DaemonLaunch(null, null, null, false));
    }
}
