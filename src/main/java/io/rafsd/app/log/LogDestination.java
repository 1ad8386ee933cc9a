package io.rafsd.app.log;

import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where the log goes and how much of it. {@code logback.xml} reads it when the first line is logged, so it is said before.
 *
 * @param level trace, debug, info, warn or error
 * @param file to append to, null for standard error; {@code .log} is added to a name without an extension
 * @param rotationMegabytes size at which the file is put aside, 0 for never
 */
public record LogDestination(String level, @Nullable Path file, long rotationMegabytes) {

    private static final String PROPERTY = "rafsd.log.";

    /** @throws InvalidRequest if the file cannot be written */
    public void apply() throws InvalidRequest {
        System.setProperty(PROPERTY + "level", level);
        Path wanted = file;
        if (wanted == null) {
            return;
        }
        boolean rotates = rotationMegabytes > 0;
        Path target = named(wanted.toAbsolutePath(), rotates);
        try {
            // The library would go on without a file that it cannot write.
            Files.createDirectories(target.getParent());
            Files.newOutputStream(target, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw new InvalidRequest("log file " + target + " cannot be written: " + e, e);
        }
        System.setProperty(PROPERTY + "file", target.toString());
        System.setProperty(PROPERTY + "size", rotationMegabytes + "MB");
        System.setProperty(PROPERTY + "destination", rotates ? "log-rotated.xml" : "log-file.xml");
    }

    /** As nydusd names them: what is rotated has {@code _rCURRENT} in its name while it is written. */
    private static Path named(Path wanted, boolean rotates) {
        String name = wanted.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String extension = dot > 0 ? name.substring(dot) : ".log";
        return wanted.resolveSibling(stem + (rotates ? RotatedLogs.CURRENT : "") + extension);
    }
}
