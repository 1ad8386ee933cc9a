package io.rafsd.app.cli;

import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuildProgress;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The image tools, with nydus-image's words. */
@Command(name = "image", mixinStandardHelpOptions = true, description = "builds RAFS images")
final class ImageCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        new CommandLine(spec).usage(System.out);
        return 2;
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "builds a RAFS v6 image from a directory")
    int create(
            @Parameters(paramLabel = "SOURCE", description = "directory") Path source,
            @Option(
                            names = {"-D", "--blob-dir"},
                            paramLabel = "DIR",
                            required = true,
                            description = "where the blob goes")
                    Path blobDirectory,
            @Option(
                            names = {"-B", "--bootstrap"},
                            paramLabel = "FILE",
                            description = "where the bootstrap goes (default: image.boot beside the blob)")
                    @Nullable
                    Path bootstrap,
            @Option(
                            names = "--compressor",
                            defaultValue = "zstd",
                            description = "zstd, lz4_block or none (default: ${DEFAULT-VALUE})")
                    Compression compressor,
            @Option(
                            names = "--digester",
                            defaultValue = "blake3",
                            description = "blake3 or sha256 (default: ${DEFAULT-VALUE})")
                    DigestAlgorithm digester,
            @Option(
                            names = "--chunk-size",
                            defaultValue = "0x100000",
                            description = "power of two, 0x1000 to 0x1000000 (default: ${DEFAULT-VALUE})")
                    String chunkSize,
            @Option(
                            names = {"-v", "--fs-version"},
                            defaultValue = "6",
                            description = "6")
                    String fsVersion)
            throws IOException {
        if (!fsVersion.equals("6")) {
            throw new InvalidRequest("--fs-version " + fsVersion + " is not built by this version; use 6");
        }
        int size;
        try {
            size = Integer.decode(chunkSize);
        } catch (NumberFormatException e) {
            throw new InvalidRequest("--chunk-size '" + chunkSize + "' is no number", e);
        }
        Files.createDirectories(blobDirectory);
        BuiltImage built = ImageBuilder.build(
                BuildOptions.defaults()
                        .withCompression(compressor)
                        .withDigester(digester)
                        .withChunkSize(size),
                source,
                blobDirectory,
                BuildProgress.SILENT);
        Path boot = built.bootstrap();
        if (bootstrap != null) {
            Files.move(boot, bootstrap, StandardCopyOption.REPLACE_EXISTING);
            boot = bootstrap;
        }
        System.out.println("bootstrap  " + boot);
        for (BuiltImage.Blob blob : built.blobs()) {
            System.out.println("blob       " + blob.file() + " (" + blob.size() + " bytes)");
        }
        return 0;
    }
}
