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

    /** Whether the image refers to its source instead of holding the content. */
    static boolean refers(String type) {
        return type.endsWith("-ref");
    }

    /** Whether there is no whole file from which a cache's could be made. */
    static boolean hasNoCacheFiles(String type) {
        return switch (type) {
            case "tar-tarfs", "estargztoc-ref", "stargz_index", "estargz-rafs", "estargz-ref" -> true;
            default -> false;
        };
    }

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
            case "tar-ref", "targz-ref", "estargz-ref" -> {
                require(Files.exists(path) && !Files.isDirectory(path), path, "file or pipe with a tar");
                yield new ImageSource.Layer(path);
            }
            case "estargztoc-ref", "stargz_index" ->
                throw new Unsupported("--type " + type + " is not built: it would trust an index without reading the"
                        + " layer; estargz-ref reads the eStargz itself and needs no index");
            case "tar-tarfs" ->
                throw new Unsupported("--type tar-tarfs is not built: its images have no digests, so nothing read from"
                        + " them could be verified; use tar-rafs with --compressor none, or tar-ref");
            default ->
                throw new InvalidRequest("--type '" + type + "' is unknown; choose dir-rafs, tar-rafs, targz-rafs,"
                        + " targz-ref or estargz-ref");
        };
    }

    private static void require(boolean rule, Path path, String kind) throws InvalidRequest {
        if (!rule) {
            throw new InvalidRequest("source " + path + " is no " + kind);
        }
    }
}
