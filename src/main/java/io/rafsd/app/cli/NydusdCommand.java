package io.rafsd.app.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** nydusd's command line: without a sub-command, with {@code fuse}, or with {@code singleton}. */
@Command(
        name = "nydusd",
        sortOptions = false,
        subcommands = HelpCommand.class,
        description = "Serves a RAFS image as a filesystem; takes nydusd's options as they are.")
final class NydusdCommand implements Callable<Integer> {

    private final DaemonRunner runner;

    @Mixin
    private NydusdOptions options = new NydusdOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    NydusdCommand(DaemonRunner runner) {
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        return runner.run(options.launch());
    }

    @Command(name = "fuse", sortOptions = false, description = "the same, as a sub-command")
    int fuse(@Mixin NydusdOptions given) throws IOException {
        nothingBefore("fuse");
        return runner.run(given.launch());
    }

    @Command(name = "singleton", sortOptions = false, description = "manages cached blobs and mounts nothing")
    int singleton(@Mixin SingletonOptions given) throws IOException {
        nothingBefore("singleton");
        return runner.run(given.launch());
    }

    /** What stands before a sub-command is not the sub-command's, and would be passed over in silence. */
    private void nothingBefore(String name) {
        new NydusdUsage(spec)
                .require(
                        spec.commandLine().getParseResult().matchedOptionsSet().isEmpty(),
                        "options go after the sub-command " + name + ", not before it");
    }
}
