package io.rafsd.app.cli;

import io.rafsd.app.log.LogDestination;
import io.rafsd.error.InvalidRequest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the log goes, and how much of it. Applied before the first line is logged. */
final class LogOptions {

    /** Levels as nydusd names them. */
    enum Level {
        trace,
        debug,
        info,
        warn,
        error
    }

    @Option(
            names = {"-l", "--log-level"},
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "trace, debug, info, warn or error (default: ${DEFAULT-VALUE})")
    private Level level = Level.info;

    @Option(
            names = {"-L", "--log-file"},
            paramLabel = "PATH",
            description =
                    "append the log to this file instead of standard error; .log is added where it has no extension")
    private @Nullable Path file;

    @Option(
            names = "--log-rotation-size",
            paramLabel = "MB",
            defaultValue = "0",
            description = "put the log file aside at this size, and keep ten of them compressed (0: never)")
    private String rotation = "0";

    void apply() throws InvalidRequest {
        new LogDestination(level.name(), file, NydusdUsage.number("--log-rotation-size", rotation)).apply();
    }
}
