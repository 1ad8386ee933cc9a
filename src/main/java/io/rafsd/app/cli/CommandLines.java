package io.rafsd.app.cli;

import io.rafsd.app.cli.image.ImageCommand;
import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.control.Version;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Chooses the command line by the name rafsd was called by, and maps failures to exit codes: the one place for that. */
public final class CommandLines {

    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private CommandLines() {}

    /**
     * Runs one command line.
     *
     * @param face {@code rafsd}, {@code nydusd} or {@code nydus-image}
     * @return the exit code: 0, 1 if it failed, 2 if it was not understood
     */
    public static int run(String face, String[] args, DaemonHost daemon, DaemonStarter demo) {
        if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
            System.out.println(Version.current().text(face));
            return 0;
        }
        try (daemon) {
            return chosen(face, args, daemon, demo);
        }
    }

    private static int chosen(String face, String[] args, DaemonHost daemon, DaemonStarter demo) {
        return switch (face) {
            case "nydusd" -> nydusd(args, daemon);
            case "nydus-image" -> execute(ImageCommand.line().setCommandName("nydus-image"), args);
            default ->
                execute(
                        new CommandLine(new RafsdCommand(daemon, demo))
                                .addSubcommand(new MountCommand(daemon))
                                .addSubcommand(new ListCommand())
                                .addSubcommand(new UmountCommand())
                                .addSubcommand("nydusd", new NydusdCommand(daemon))
                                .addSubcommand("image", ImageCommand.line()),
                        args);
        };
    }

    private static int execute(CommandLine line, String[] args) {
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, _, _) -> failed(failure));
        line.setParameterExceptionHandler((failure, _) -> usage(failure));
        return line.execute(args);
    }

    /** The control socket comes before all else: clients want an answer sooner than options can be read. */
    private static int nydusd(String[] args, DaemonHost daemon) {
        try {
            ControlAddress address = ControlAddress.glance(args);
            if (address != null) {
                daemon.answer(address);
            }
            return execute(new CommandLine(new NydusdCommand(daemon)), args);
        } catch (IOException | InvalidPathException e) {
            return failed(e);
        }
    }

    private static int failed(Exception failure) {
        System.err.println("Error: " + sentence(failure));
        return FAILED;
    }

    /** What a person can use: what failed, not where in the code. A bug shows where, in the log. */
    private static String sentence(Exception failure) {
        if (failure instanceof IOException && failure.getMessage() != null) {
            return failure.getMessage();
        }
        LoggerFactory.getLogger(CommandLines.class).atError().setCause(failure).log("a command met a bug");
        return failure.toString();
    }

    private static int usage(ParameterException failure) {
        System.err.println("Error: " + failure.getMessage());
        System.err.println("Try '" + failure.getCommandLine().getCommandName() + " --help'.");
        return USAGE;
    }
}
