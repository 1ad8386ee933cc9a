package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;
import io.rafsd.image.local.LocalImage;
import io.rafsd.image.local.TarExport;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Unpacks an image to a tar. */
@Command(name = "unpack", description = "unpacks an image to a tar; every byte is checked on the way")
final class UnpackCommand implements Callable<Integer> {

    private static final int BUFFER = 1 << 20;

    @Mixin
    private BootstrapArgument image = new BootstrapArgument();

    @Option(names = "--output", paramLabel = "FILE", required = true, description = "the tar; - for standard output")
    private Path output = Path.of("-");

    @Option(names = "--backend-type", paramLabel = "TYPE", hidden = true)
    private @Nullable String backendType;

    @Option(names = "--backend-config", paramLabel = "JSON", hidden = true)
    private @Nullable String backendConfig;

    @Option(names = "--backend-config-file", paramLabel = "FILE", hidden = true)
    private @Nullable Path backendConfigFile;

    @Override
    public Integer call() throws IOException {
        if (backendType != null || backendConfig != null || backendConfigFile != null) {
            throw new InvalidRequest(
                    "unpack reads blobs from local disk; give --blob-dir or --blob instead of a backend");
        }
        try (LocalImage opened = image.open()) {
            if (output.toString().equals("-")) {
                TarExport.write(opened, System.out);
                return 0;
            }
            boolean whole = false;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(output), BUFFER)) {
                TarExport.write(opened, out);
                whole = true;
            } finally {
                if (!whole) {
                    // Half a tar looks like a whole one to some.
                    Files.deleteIfExists(output);
                }
            }
        }
        return 0;
    }
}
