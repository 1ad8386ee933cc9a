package io.rafsd.app.cli;

import io.rafsd.app.cli.image.ImageCommand;
import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.control.Version;
import io.rafsd.error.InvalidRequest;
import io.rafsd.supervise.SuperviseCommand;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.List;
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
            case "nydusd" -> nydusd(args, new NydusdCommand(daemon), daemon);
            case "nydus-image" -> execute(ImageCommand.line().setCommandName("nydus-image"), args);
            default ->
                switch (args.length == 0 ? "" : args[0]) {
                    case "supervise" -> supervise(List.of(args).subList(1, args.length));
                    case "standby" ->
                        nydusd(Arrays.copyOfRange(args, 1, args.length), new StandbyCommand(daemon), daemon);
                    default -> rafsd(args, daemon, demo);
                };
        };
    }

    private static int rafsd(String[] args, DaemonHost daemon, DaemonStarter demo) {
        return execute(
                new CommandLine(new RafsdCommand(daemon, demo))
                        .addSubcommand(new MountCommand(daemon))
                        .addSubcommand(new ListCommand())
                        .addSubcommand(new UmountCommand())
                        .addSubcommand("nydusd", new NydusdCommand(daemon))
                        .addSubcommand(new StandbyCommand(daemon))
                        .addSubcommand("image", ImageCommand.line()),
                args);
    }

    /** Without any framework: it may be the first process of a container, beside a daemon that needs the memory. */
    private static int supervise(List<String> args) {
        try {
            if (args.contains("--help") && !args.contains("--") || args.equals(List.of("-h"))) {
                System.out.print(SuperviseCommand.USAGE);
                return 0;
            }
            SuperviseCommand command = SuperviseCommand.parse(args);
            ControlAddress address = ControlAddress.glance(command.command().toArray(String[]::new), false);
            return command.run(address == null ? null : address.socket());
        } catch (InvalidRequest e) {
            System.err.println("Error: " + e.getMessage());
            System.err.println("Try 'rafsd supervise --help'.");
            return USAGE;
        } catch (IOException e) {
            return failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static int execute(CommandLine line, String[] args) {
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, _, _) -> failed(failure));
        line.setParameterExceptionHandler((failure, _) -> usage(failure));
        return line.execute(args);
    }

    /** The control socket comes before all else: clients want an answer sooner than options can be read. */
    private static int nydusd(String[] args, Object command, DaemonHost daemon) {
        try {
            boolean standby = command instanceof StandbyCommand
                    || Succession.ofEnvironment().standby();
            ControlAddress address = ControlAddress.glance(args, standby);
            if (address != null) {
                daemon.answer(address);
            }
            return execute(new CommandLine(command), args);
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
