package io.rafsd.app.cli.image;

import io.rafsd.blob.BlobId;
import io.rafsd.builder.BuildOptions;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.FsVersion;
import io.rafsd.builder.ImageBuilder;
import io.rafsd.builder.ImageSource;
import io.rafsd.builder.ImageTarget;
import io.rafsd.builder.Whiteouts;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds an image. */
@Command(name = "create", description = "builds a RAFS image from a directory or a tar")
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class CreateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    @Parameters(paramLabel = "SOURCE", description = "directory, or tar, or - for standard input")
    private Path source = Path.of("");

    @Option(
            names = {"-t", "--type", "--source-type"},
            paramLabel = "TYPE",
            defaultValue = "dir-rafs",
            description = {
                "what is built from what (default: ${DEFAULT-VALUE}):",
                "dir-rafs (directory): from a directory;",
                "tar-rafs, targz-rafs, estargz-rafs: from a tar, as it is or compressed by gzip or zstd;",
                "targz-ref, estargz-ref: from a tar.gz that stays as it is, the blob only tells where in it chunks lie"
            })
    private String type = "dir-rafs";

    @Option(
            names = {"-B", "--bootstrap"},
            paramLabel = "FILE",
            description = "where the bootstrap goes (default: named by its digest beside the blob)")
    private @Nullable Path bootstrap;

    @Option(
            names = {"-D", "--blob-dir"},
            paramLabel = "DIR",
            description = "directory where the blob goes, named by its digest")
    private @Nullable Path blobDirectory;

    @Option(
            names = {"-b", "--blob"},
            paramLabel = "FILE",
            description = "file where the blob goes")
    private @Nullable Path blob;

    @Option(
            names = {"--blob-inline-meta", "--inline-bootstrap"},
            description = "put the bootstrap into the blob")
    private boolean inlineBootstrap;

    @Option(names = "--blob-id", paramLabel = "ID", description = "name of the blob (default: its digest)")
    private @Nullable String blobId;

    @Option(
            names = "--chunk-size",
            paramLabel = "BYTES",
            defaultValue = "0x100000",
            description = "power of two, 0x1000 to 0x1000000 (default: ${DEFAULT-VALUE})")
    private String chunkSize = "";

    @Option(
            names = "--batch-size",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "compress small files together in units of so many bytes; 0 for not (default)")
    private String batchSize = "";

    @Option(
            names = "--compressor",
            defaultValue = "zstd",
            description = "zstd, lz4_block or none (default: ${DEFAULT-VALUE})")
    private Compression compressor = Compression.ZSTD;

    @Option(names = "--digester", defaultValue = "blake3", description = "blake3 or sha256 (default: ${DEFAULT-VALUE})")
    private DigestAlgorithm digester = DigestAlgorithm.BLAKE3;

    @Option(
            names = {"-v", "--fs-version"},
            defaultValue = "6",
            description = "5 or 6 (default: ${DEFAULT-VALUE})")
    private String fsVersion = "6";

    @Option(
            names = "--features",
            paramLabel = "FEATURE",
            description = "blob-toc: end the blob with a table of contents")
    private @Nullable String features;

    @Option(
            names = "--chunk-dict",
            paramLabel = "FILE",
            description = "bootstrap of an image whose chunks need not be stored again")
    private @Nullable String dictionary;

    @Option(
            names = "--parent-bootstrap",
            paramLabel = "FILE",
            description = "bootstrap of the image that this is an upper layer of")
    private @Nullable Path parent;

    @Option(names = "--aligned-chunk", description = "align chunks to 4 KiB; v6 always does")
    private boolean aligned;

    @Option(names = "--repeatable", description = "leave out who owns the files")
    private boolean repeatable;

    @Option(names = "--disable-check", hidden = true)
    private boolean disableCheck;

    @Option(
            names = "--whiteout-spec",
            defaultValue = "oci",
            description = "oci, overlayfs or none (default: ${DEFAULT-VALUE})")
    private Whiteouts whiteouts = Whiteouts.OCI;

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

    @Option(
            names = {"-E", "--encrypt"},
            description = "encrypt the blob")
    private boolean encrypt;

    @Option(
            names = "--blob-cache-dir",
            paramLabel = "DIR",
            description = "write no blob, but what a daemon that has read all of it has in its cache directory")
    private @Nullable Path blobCacheDirectory;

    @Override
    public Integer call() throws IOException {
        Path caches = blobCacheDirectory;
        if (caches != null) {
            requireSenseForCaches();
        }
        requireSense();
        ImageSource from = ConversionType.source(type, source);
        if (caches == null) {
            report(build(from, target()));
            return 0;
        }
        try (BlobCacheTarget target = BlobCacheTarget.in(caches)) {
            BuiltImage built = build(from, target.image(Objects.requireNonNull(bootstrap)));
            target.export(built, ConversionType.refers(type), source);
            report(built);
        }
        return 0;
    }

    private BuiltImage build(ImageSource from, ImageTarget target) throws IOException {
        BuildOptions options = options();
        try (WorkProgress progress = new WorkProgress("building")) {
            return ImageBuilder.build(
                    options, from, target, (_, bytes, _, totalBytes) -> progress.show(bytes, totalBytes));
        }
    }

    /** Scripts look for the words of the conflicts. */
    private void requireSenseForCaches() {
        if (ConversionType.hasNoCacheFiles(type)) {
            throw wrong("conversion type `" + type + "` conflicts with `--blob-cache-dir`");
        }
        for (String other : List.of("--blob-dir", "--blob", "--blob-inline-meta", "--compressor")) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                String value = other.equals("--blob-inline-meta") ? "" : " <" + other.substring(2) + ">";
                throw wrong("argument '" + other + value + "' cannot be used with '--blob-cache-dir <blob-cache-dir>'");
            }
        }
        if (bootstrap == null) {
            throw wrong("--blob-cache-dir needs --bootstrap");
        }
        if (ConversionType.refers(type) && !Files.isRegularFile(source)) {
            throw wrong("--blob-cache-dir reads the layer twice: " + source + " is no file");
        }
    }

    private void requireSense() {
        if (bootstrap == null && blobDirectory == null && !inlineBootstrap) {
            throw wrong("one of --bootstrap, --blob-dir and --blob-inline-meta is needed");
        }
        if (bootstrap != null && inlineBootstrap) {
            throw wrong("--bootstrap and --blob-inline-meta exclude each other");
        }
        if (blob == null && blobDirectory == null && blobCacheDirectory == null) {
            throw wrong("one of --blob and --blob-dir is needed");
        }
        if (blobId != null && inlineBootstrap) {
            throw wrong("--blob-id and --blob-inline-meta exclude each other");
        }
        if (blobId != null && !BlobId.isLegal(blobId)) {
            throw wrong("--blob-id '" + blobId + "' is no blob id: 1 to 64 letters, digits, '.', '_' or '-'");
        }
        if (ConversionType.refers(type)) {
            requireSenseForLayer();
        }
        if (features != null && !features.equals("blob-toc")) {
            throw wrong("--features '" + features + "' is unknown; there is blob-toc");
        }
        if (!fsVersion.equals("5") && !fsVersion.equals("6")) {
            throw wrong("--fs-version '" + fsVersion + "' is unknown; choose 5 or 6");
        }
        if (features != null && fsVersion.equals("5")) {
            throw wrong("--features blob-toc needs --fs-version 6");
        }
        if (fsVersion.equals("5") && (encrypt || !batchSize.equals("0"))) {
            throw wrong("--encrypt and --batch-size need --fs-version 6");
        }
        if (compressor == Compression.GZIP) {
            throw wrong("--compressor gzip can be read, not built; choose zstd, lz4_block or none");
        }
    }

    /** The layer says how it is compressed and what it is called; its chunks have their order. */
    private void requireSenseForLayer() {
        if (!fsVersion.equals("6") || encrypt || !batchSize.equals("0")) {
            throw wrong("--type " + type + " needs --fs-version 6, and neither --encrypt nor --batch-size");
        }
        if (blobId != null) {
            throw wrong("--type " + type + " and --blob-id exclude each other: the blob is the layer, by its digest");
        }
        if (prefetch == PrefetchPolicy.blob) {
            throw wrong("--type " + type + " and --prefetch-policy blob exclude each other: the layer keeps its order;"
                    + " choose fs");
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }

    private BuildOptions options() throws IOException {
        try {
            return BuildOptions.defaults()
                    .withCompression(compressor)
                    .withDigester(digester)
                    .withChunkSize(Sizes.parse("--chunk-size", chunkSize))
                    .withVersion(fsVersion.equals("5") ? FsVersion.V5 : FsVersion.V6)
                    .withOwners(!repeatable)
                    .withWhiteouts(whiteouts)
                    .withPrefetch(prefetch.paths())
                    .withPrefetchTable(prefetch == PrefetchPolicy.fs)
                    .withBatchSize(Sizes.parse("--batch-size", batchSize))
                    .withToc(features != null)
                    .withInlineBootstrap(inlineBootstrap)
                    .withAlignedChunks(aligned)
                    .withEncrypted(encrypt)
                    .withBlobId(blobId == null ? null : new BlobId(blobId))
                    .withParent(parent)
                    .withDictionary(dictionary == null ? null : ChunkDictionary.path(dictionary));
        } catch (IllegalArgumentException e) {
            throw new InvalidRequest(String.valueOf(e.getMessage()), e);
        }
    }

    private ImageTarget target() throws IOException {
        Path directory = blobDirectory;
        if (directory != null && !Files.isDirectory(directory)) {
            throw new InvalidRequest("directory to store blobs " + directory + " does not exist; make it first");
        }
        if (directory == null && blob != null) {
            directory = blob.toAbsolutePath().getParent();
        }
        return new ImageTarget(directory == null ? Path.of("") : directory, blob, bootstrap, false);
    }

    private void report(BuiltImage built) throws IOException {
        List<String> ids =
                built.blobTable().stream().map(info -> info.id().value()).toList();
        long size = built.blobs().stream().mapToLong(BuiltImage.Blob::size).sum();
        System.out.println("successfully built RAFS filesystem:");
        System.out.println("meta blob path: " + built.bootstrap());
        System.out.println("data blob size: 0x" + Long.toHexString(size));
        System.out.println(
                "data blobs: " + ids.stream().map(id -> '"' + id + '"').toList());
        ResultFile.write(
                outputJson,
                built.bootstrap(),
                ids,
                fsVersion,
                (ConversionType.refers(type) ? Compression.GZIP : compressor)
                        .name()
                        .toLowerCase(Locale.ROOT),
                built.statistics().time());
    }
}
