package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import io.rafsd.image.local.LocalImage;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which image a command is about. */
final class BootstrapArgument {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    @Parameters(paramLabel = "BOOTSTRAP", arity = "0..1", description = "bootstrap, or blob that holds one")
    private @Nullable Path bootstrap;

    @Option(
            names = {"-B", "--bootstrap"},
            paramLabel = "FILE",
            description = "the same, as an option")
    private @Nullable Path option;

    @Option(
            names = {"-D", "--blob-dir", "--localfs-dir"},
            paramLabel = "DIR",
            description = "directory with the blobs")
    private @Nullable Path blobDirectory;

    @Option(
            names = {"-b", "--blob"},
            paramLabel = "FILE",
            description = "the only blob")
    private @Nullable Path blob;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            hidden = true)
    @SuppressWarnings("UnusedVariable") // taken so that callers may give it
    private @Nullable Path config;

    Path path() throws InvalidRequest {
        if (bootstrap != null && option != null) {
            throw new InvalidRequest("the bootstrap is given twice; give BOOTSTRAP or --bootstrap");
        }
        Path path = bootstrap == null ? option : bootstrap;
        if (path == null) {
            throw new InvalidRequest("missing parameter: give BOOTSTRAP, the path of an image's bootstrap");
        }
        return path;
    }

    boolean saysWhereBlobsAre() {
        return blobDirectory != null || blob != null;
    }

    LocalImage open() throws IOException {
        return new LocalImage(path(), new LocalImage.Blobs(blobDirectory, blob));
    }
}
