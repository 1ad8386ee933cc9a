package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The image tools, with nydus-image's words. */
@Command(
        name = "image",
        mixinStandardHelpOptions = true,
        description = "builds, checks and shows RAFS images",
        subcommands = {
            CreateCommand.class,
            MergeCommand.class,
            CheckCommand.class,
            InspectCommand.class,
            StatCommand.class,
            UnpackCommand.class,
            ExportCommand.class
        })
public final class ImageCommand implements Callable<Integer> {

    /** Levels as nydus-image names them. */
    enum Level {
        trace,
        debug,
        info,
        warn,
        error
    }

    /** The command with all below it, those as well that nydus-image has and we have something better for. */
    public static CommandLine line() {
        return new CommandLine(new ImageCommand())
                .addSubcommand(
                        "compact",
                        new RefusedCommand("compact is not there: unpack the image and create it anew, which leaves out"
                                + " what no file uses"))
                .addSubcommand(
                        "chunkdict",
                        new RefusedCommand("chunkdict is not there, and not needed: give the bootstrap of any image to"
                                + " create --chunk-dict"))
                .addSubcommand(
                        "optimize",
                        new RefusedCommand("optimize is not there: create --prefetch-policy fs puts the files that"
                                + " standard input lists first in the blob"));
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        new CommandLine(spec).usage(System.out);
        return 2;
    }

    @Option(
            names = {"-l", "--log-level"},
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description = "trace, debug, info, warn or error (default: info)")
    void logLevel(Level level) {
        System.setProperty("rafsd.log.level", level.name());
    }

    @Option(
            names = {"-L", "--log-file"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "append the log to this file instead of standard error")
    void logFile(@Nullable Path file) throws IOException {
        if (file == null) {
            return;
        }
        try {
            System.setErr(new PrintStream(new FileOutputStream(file.toFile(), true), true, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InvalidRequest("log file " + file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
