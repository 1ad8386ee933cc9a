package io.rafsd.app.cli.image;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.image.local.ImageCheck;
import io.rafsd.image.local.LocalImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says whether an image is whole, and what is wrong with it. */
@Command(name = "check", description = "checks an image: its metadata, with -v the data as well")
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private BootstrapArgument image = new BootstrapArgument();

    @Option(
            names = {"-v", "--verbose"},
            description = "check the data of every chunk as well, which needs the blobs")
    private boolean verbose;

    @Option(
            names = {"-J", "--output-json"},
            paramLabel = "FILE",
            description = "write the result there")
    private @Nullable Path outputJson;

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        try (LocalImage opened = image.open()) {
            boolean data = verbose && image.saysWhereBlobsAre();
            ImageCheck.Report report = data ? checkAll(opened) : ImageCheck.metadata(opened);
            if (!report.problems().isEmpty()) {
                report.problems().forEach(problem -> System.err.println("Error: " + problem));
                System.err.println("Error: " + image.path() + " is damaged: "
                        + report.problems().size() + (report.problems().size() == 1 ? " problem" : " problems"));
                return 1;
            }
            System.out.println("RAFS filesystem metadata is valid, referenced data blobs: ");
            opened.metadata().blobs().forEach(CheckCommand::print);
            if (data) {
                System.out.println("data is valid: " + report.chunks() + " chunks, " + report.bytes() + " bytes in "
                        + report.files() + " files");
            } else if (verbose) {
                System.out.println("data was not checked: say where the blobs are with --blob-dir");
            }
            List<BlobInfo> blobs = opened.metadata().blobs();
            ResultFile.write(
                    outputJson,
                    image.path(),
                    blobs.stream().map(blob -> blob.id().value()).toList(),
                    String.valueOf(opened.metadata().version()),
                    ImageFlags.compressor(opened.metadata()).name().toLowerCase(Locale.ROOT),
                    Duration.ofNanos(System.nanoTime() - start));
            return 0;
        }
    }

    private static ImageCheck.Report checkAll(LocalImage opened) {
        try (WorkProgress progress = new WorkProgress("checking")) {
            return ImageCheck.all(opened, progress::show);
        }
    }

    private static void print(BlobInfo blob) {
        System.out.println("\t " + blob.index() + ": " + blob.id() + ", compressed size " + blob.compressedSize()
                + ", uncompressed size " + blob.uncompressedSize() + ", chunk size: "
                + blob.chunkSize() + ", chunk count: " + blob.chunkCount() + ", features: "
                + features(blob));
    }

    private static String features(BlobInfo blob) {
        StringBuilder text = new StringBuilder();
        add(text, blob, BlobFeatures.ALIGNED, "aligned");
        add(text, blob, BlobFeatures.BATCH, "batch");
        add(text, blob, BlobFeatures.CAP_TAR_TOC, "cap_toc");
        add(text, blob, BlobFeatures.INLINED_CHUNK_DIGEST, "chunk-digest");
        add(text, blob, BlobFeatures.CHUNK_INFO_V2, "chunk-v2");
        add(text, blob, BlobFeatures.INLINED_FS_META, "fs-meta");
        add(text, blob, BlobFeatures.SEPARATE, "separate");
        add(text, blob, BlobFeatures.HAS_TAR_HEADER, "tar-header");
        add(text, blob, BlobFeatures.HAS_TOC, "toc");
        add(text, blob, BlobFeatures.ZRAN, "zran");
        add(text, blob, BlobFeatures.ENCRYPTED, "encrypted");
        add(text, blob, BlobFeatures.IS_CHUNKDICT_GENERATED, "is-chunkdict-generated");
        return text.toString().strip();
    }

    private static void add(StringBuilder text, BlobInfo blob, int feature, String name) {
        if (blob.has(feature)) {
            text.append(name).append(' ');
        }
    }
}
