package io.rafsd.app.cli;

import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file of {@code --prefetch-files}: a path a line; blanks around it and empty lines do not count. */
final class PrefetchList {

    private PrefetchList() {}

    static List<String> read(Path file) throws InvalidRequest {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new InvalidRequest("the list of --prefetch-files " + file + " cannot be read: " + e, e);
        }
    }
}
