package io.rafsd.app.cli;

import io.rafsd.error.InvalidRequest;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
            description = "append the log to this file instead of standard error")
    private @Nullable Path file;

    void apply() throws IOException {
        System.setProperty("rafsd.log.level", level.name());
        Path wanted = file;
        if (wanted == null) {
            return;
        }
        String name = wanted.toString();
        Path target = wanted.getFileName().toString().contains(".") ? wanted : Path.of(name + ".log");
        try {
            System.setErr(new PrintStream(new FileOutputStream(target.toFile(), true), true, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InvalidRequest("log file " + target + " cannot be written: " + e.getMessage(), e);
        }
    }
}
