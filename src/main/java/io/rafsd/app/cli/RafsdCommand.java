package io.rafsd.app.cli;

import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.app.demo.Demo;
import io.rafsd.supervise.SuperviseCommand;
import java.io.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** rafsd's own command line. */
@Command(
        name = "rafsd",
        description = "Mounts container images and model files before they are downloaded.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Under the name nydusd this program takes nydusd's options as they are."},
        mixinStandardHelpOptions = true)
final class RafsdCommand implements Callable<Integer> {

    private final DaemonRunner daemon;
    private final DaemonStarter demo;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RafsdCommand(DaemonRunner daemon, DaemonStarter demo) {
        this.daemon = daemon;
        this.demo = demo;
    }

    @Override
    public Integer call() {
        new CommandLine(spec).usage(System.out);
        return 2;
    }

    @Command(
            name = "demo",
            mixinStandardHelpOptions = true,
            description = "shows the main job on real data: builds, serves, mounts and compares an image")
    int demonstrate() throws IOException, InterruptedException {
        new Demo(demo, System.out, isTerminal()).run();
        return 0;
    }

    @Command(
            name = "daemon",
            mixinStandardHelpOptions = true,
            description = "runs as a service, configured by rafsd.* properties and RAFSD_* variables")
    int service() throws IOException {
        return daemon.run(new DaemonLaunch(null, null, null, false));
    }

    /** Here for the list of commands; {@link CommandLines} runs it before picocli is loaded. */
    @Command(
            name = "supervise",
            description = "runs a daemon, and another one when it dies; its mount stays (see supervise --help)")
    int supervise() {
        System.out.print(SuperviseCommand.USAGE);
        return 2;
    }

    @SuppressWarnings("SystemConsoleNull") // it still is null where the console is switched off by a property
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** What the AOT cache is trained with. */
    @Command(name = "rehearse", hidden = true)
    int rehearse(@Option(names = "--actuator", description = "with health, metrics and endpoints") boolean actuator)
            throws IOException {
        return Rehearsal.run(daemon, actuator);
    }
}
