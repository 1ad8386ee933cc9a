package io.rafsd.app.cli.image;

import io.rafsd.builder.ImageMerger;
import io.rafsd.builder.MergeOptions;
import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Merges the bootstraps of layers. */
@Command(name = "merge", description = "merges the bootstraps of layers into that of the image")
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class MergeCommand implements Callable<Integer> {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    @Parameters(paramLabel = "BOOTSTRAP", arity = "1..*", description = "of the layers, the lowest first")
    private List<Path> layers = List.of();

    @Option(
            names = {"-B", "--bootstrap"},
            paramLabel = "FILE",
            description = "where the merged bootstrap goes")
    private @Nullable Path bootstrap;

    @Option(
            names = {"-D", "--blob-dir"},
            paramLabel = "DIR",
            description = "directory where the merged bootstrap goes, named by its digest")
    private @Nullable Path blobDirectory;

    @Option(names = "--parent-bootstrap", paramLabel = "FILE", description = "image that the layers lie on")
    private @Nullable Path parent;

    @Option(
            names = "--chunk-dict",
            paramLabel = "FILE",
            description = "bootstrap whose chunks the layers were built against")
    private @Nullable String dictionary;

    @Option(names = "--blob-digests", paramLabel = "LIST", split = ",", description = "SHA-256 of the layers' blobs")
    private List<String> blobDigests = new ArrayList<>();

    @Option(names = "--original-blob-ids", paramLabel = "LIST", split = ",", description = "ids of the layers' blobs")
    private List<String> originalIds = new ArrayList<>();

    @Option(names = "--blob-sizes", paramLabel = "LIST", split = ",", description = "bytes of the layers' blobs")
    private List<Long> blobSizes = new ArrayList<>();

    @Option(
            names = "--blob-toc-digests",
            paramLabel = "LIST",
            split = ",",
            description = "SHA-256 of the tables of contents of the layers' blobs")
    private List<String> tocDigests = new ArrayList<>();

    @Option(
            names = "--blob-toc-sizes",
            paramLabel = "LIST",
            split = ",",
            description = "bytes of the tables of contents of the layers' blobs")
    private List<Long> tocSizes = new ArrayList<>();

    @Option(
            names = "--prefetch-policy",
            defaultValue = "none",
            description = "fs, blob or none: what becomes of the paths on standard input (default: ${DEFAULT-VALUE})")
    private PrefetchPolicy prefetch = PrefetchPolicy.none;

    @Option(
            names = {"-J", "--output-json"},
            paramLabel = "FILE",
            description = "write the result there")
    private @Nullable Path outputJson;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            hidden = true)
    private @Nullable Path config;

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        List<String> paths = prefetch == PrefetchPolicy.fs ? prefetch.paths() : List.of();
        MergeOptions options = new MergeOptions(
                layers,
                parent,
                dictionary == null ? null : ChunkDictionary.path(dictionary),
                originalIds,
                blobDigests,
                blobSizes,
                tocDigests,
                tocSizes,
                paths);
        ImageMerger.MergedImage merged = ImageMerger.merge(options, target());
        List<String> ids =
                merged.blobTable().stream().map(blob -> blob.id().value()).toList();
        System.out.println("meta blob path: " + merged.bootstrap());
        System.out.println(
                "data blobs: " + ids.stream().map(id -> '"' + id + '"').toList());
        ResultFile.write(
                outputJson,
                merged.bootstrap(),
                ids,
                merged.version().toString(),
                merged.compression().name().toLowerCase(Locale.ROOT),
                Duration.ofNanos(System.nanoTime() - start));
        return 0;
    }

    private Path target() throws InvalidRequest {
        if (bootstrap != null) {
            return bootstrap;
        }
        if (blobDirectory == null || !Files.isDirectory(blobDirectory)) {
            throw new InvalidRequest("both --bootstrap and --blob-dir are missing, or the directory does not exist;"
                    + " one of them says where the merged bootstrap goes");
        }
        return blobDirectory;
    }
}
