package io.rafsd.app.cli.image;

import io.rafsd.builder.ImageSource;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.Unsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** nydus-image's names for what is converted to what. */
final class ConversionType {

    private ConversionType() {}

    /** The source that a type and a path stand for. */
    static ImageSource source(String type, Path path) throws IOException {
        return switch (type) {
            case "directory", "dir-rafs" -> {
                require(Files.isDirectory(path), path, "directory");
                yield new ImageSource.Directory(path);
            }
            case "tar-rafs", "targz-rafs", "estargz-rafs" -> {
                require(Files.exists(path) && !Files.isDirectory(path), path, "file or pipe with a tar");
                yield new ImageSource.Tar(path);
            }
            case "targz-ref", "tar-tarfs", "estargz-ref", "estargztoc-ref", "stargz_index" ->
                throw new Unsupported("--type " + type + " is not built by this version; tar-rafs and targz-rafs copy"
                        + " the content of a layer to a blob");
            default ->
                throw new InvalidRequest("--type '" + type + "' is unknown; choose dir-rafs, tar-rafs or targz-rafs");
        };
    }

    private static void require(boolean rule, Path path, String kind) throws InvalidRequest {
        if (!rule) {
            throw new InvalidRequest("source " + path + " is no " + kind);
        }
    }
}
