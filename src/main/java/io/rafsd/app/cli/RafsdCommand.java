package io.rafsd.app.cli;

import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.app.demo.Demo;
import io.rafsd.daemon.DaemonSettings;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** rafsd's own command line. */
@Command(
        name = "rafsd",
        description = "Mounts container images and model files before they are downloaded.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Under the name nydusd this program takes nydusd's options as they are."},
        mixinStandardHelpOptions = true)
final class RafsdCommand implements Callable<Integer> {

    private static final int ANY_PORT = 0;

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

    @SuppressWarnings("SystemConsoleNull") // it still is null where the console is switched off by a property
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** What the AOT cache is trained with: a daemon that mounts nothing comes up whole, and ends. */
    @Command(name = "rehearse", hidden = true)
    int rehearse() throws IOException {
        Path directory = Files.createTempDirectory("rafsd-rehearsal-");
        Path socket = directory.resolve("api.sock");
        DaemonSettings settings = new DaemonSettings(null, null, socket, null, "kernel", null, "/", false);
        try {
            Rehearsal rehearsal = new Rehearsal(directory, socket);
            return daemon.run(
                    new DaemonLaunch(settings, directory, ANY_PORT, true, rehearsal::run, DaemonLaunch.Step.NONE));
        } finally {
            try (Stream<Path> below = Files.walk(directory)) {
                for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
