package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import java.nio.file.Path;

/** The argument of {@code --chunk-dict}: a path, or {@code bootstrap=} and a path. */
final class ChunkDictionary {

    private static final String BOOTSTRAP = "bootstrap=";

    private ChunkDictionary() {}

    static Path path(String argument) throws InvalidRequest {
        if (argument.startsWith(BOOTSTRAP)) {
            return Path.of(argument.substring(BOOTSTRAP.length()));
        }
        if (argument.contains("=")) {
            throw new InvalidRequest(
                    "--chunk-dict '" + argument + "' is of a kind that is not known; give bootstrap=FILE");
        }
        return Path.of(argument);
    }
}
