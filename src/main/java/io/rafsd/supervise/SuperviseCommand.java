package io.rafsd.supervise;

import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.RuntimeDirectory;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code rafsd supervise [--standby] -- COMMAND…}. Reads its few options itself: a library for that would be the larger part
 * of the process.
 *
 * @param standby whether a second process waits to take over
 * @param socket where the daemon lets itself be kept, null for one that follows from the command
 * @param command of the daemon
 */
public record SuperviseCommand(boolean standby, @Nullable Path socket, List<String> command) {

    public static final String USAGE = """
            Usage: rafsd supervise [--standby] [--socket PATH] -- COMMAND...
            Runs a daemon in the foreground and starts it again when it dies; its mount stays, and readers wait meanwhile.
                  COMMAND       the daemon's command line: rafsd daemon, rafsd mount --foreground IMAGE DIR, nydusd ...
                  --standby     a second process waits to take over at once
                  --socket PATH socket between daemon and supervisor (default: beside the control socket)
              -h, --help        show this help
            """;

    /** @throws InvalidRequest if they are not understood */
    public static SuperviseCommand parse(List<String> arguments) throws InvalidRequest {
        boolean standby = false;
        Path socket = null;
        int at = 0;
        while (at < arguments.size() && arguments.get(at).startsWith("-")) {
            String option = arguments.get(at++);
            if (option.equals("--")) {
                break;
            } else if (option.equals("--standby")) {
                standby = true;
            } else if (option.equals("--socket") && at < arguments.size()) {
                socket = Path.of(arguments.get(at++));
            } else if (option.startsWith("--socket=")) {
                socket = Path.of(option.substring("--socket=".length()));
            } else {
                throw new InvalidRequest(
                        "supervise does not know '" + option + "'; the daemon's own options follow --");
            }
        }
        List<String> command = List.copyOf(arguments.subList(at, arguments.size()));
        if (command.isEmpty()) {
            throw new InvalidRequest("supervise needs the command line of a daemon after --");
        }
        if (command.stream().anyMatch(word -> word.equals("--supervisor") || word.startsWith("--supervisor="))) {
            throw new InvalidRequest(
                    "--supervisor names another supervisor, which has its own fail-over; use one of both");
        }
        return new SuperviseCommand(standby, socket, command);
    }

    /**
     * Supervises until the daemon ends.
     *
     * @param controlSocket of the daemon, null for none
     * @return the exit code of the daemon
     */
    public int run(@Nullable Path controlSocket) throws IOException, InterruptedException {
        Supervision supervision = new Supervision(command, standby, socket(controlSocket));
        Thread worker = Thread.currentThread();
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            supervision.stop();
            join(worker);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        int code = supervision.run();
        Runtime.getRuntime().halt(code);
        return code;
    }

    private static void join(Thread worker) {
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path socket(@Nullable Path controlSocket) throws IOException {
        if (socket != null) {
            return socket;
        }
        return controlSocket != null
                ? Succession.beside(controlSocket)
                : Files.createDirectories(RuntimeDirectory.ofThisUser())
                        .resolve("daemon-" + HexFormat.of().toHexDigits(command.hashCode()) + ".standby");
    }
}
