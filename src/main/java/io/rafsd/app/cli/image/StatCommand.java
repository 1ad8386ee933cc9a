package io.rafsd.app.cli.image;

import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidRequest;
import io.rafsd.image.local.ImageStatistics;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts what images hold and share. */
@Command(name = "stat", description = "counts what images hold, and what they have in common")
@SuppressWarnings("UnusedVariable") // some options are taken only so that callers may give them
final class StatCommand implements Callable<Integer> {

    private static final Logger log = LoggerFactory.getLogger(StatCommand.class);
    private static final JsonMapper MAPPER = new JsonMapper();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    @Option(
            names = {"-B", "--bootstrap"},
            paramLabel = "FILE",
            description = "the image")
    private @Nullable Path bootstrap;

    @Option(
            names = {"-D", "--blob-dir"},
            paramLabel = "DIR",
            description = "all images in the directory")
    private @Nullable Path directory;

    @Option(
            names = {"-T", "--target"},
            paramLabel = "FILE",
            description = "image whose chunks are compared with theirs")
    private @Nullable Path target;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "FILE",
            hidden = true)
    private @Nullable Path config;

    @Option(names = "--digester", hidden = true)
    private @Nullable String digester;

    @Option(
            names = {"-J", "--output-json"},
            paramLabel = "FILE",
            description = "write the figures there instead of printing them")
    private @Nullable Path outputJson;

    @Override
    public Integer call() throws IOException {
        ImageStatistics base = new ImageStatistics();
        if (bootstrap != null) {
            base.add(RafsMetadata.open(bootstrap));
        } else if (directory != null) {
            addAll(directory, base);
        } else {
            throw new InvalidRequest("one of --bootstrap and --blob-dir must be specified");
        }
        ImageStatistics compared = new ImageStatistics();
        if (target != null) {
            compared.add(RafsMetadata.open(target));
        }
        ObjectNode root = MAPPER.createObjectNode();
        root.put("dedup_enabled", bootstrap == null);
        root.put("target_enabled", target != null);
        root.set("base_image", figures(base, Map.of(), bootstrap == null));
        root.set("target_image", figures(compared, base.known(), false));
        if (outputJson != null) {
            ResultFile.write(outputJson, root, MAPPER.writer());
        } else {
            if (target != null) {
                print("Target Image Statistics:", (ObjectNode) root.get("target_image"));
            }
            print("Base Image Statistics:", (ObjectNode) root.get("base_image"));
        }
        return 0;
    }

    private void addAll(Path images, ImageStatistics base) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(images)) {
            for (Path file : files) {
                if (Files.isRegularFile(file)
                        && !file.equals(target)
                        && !file.getFileName().toString().contains(".")) {
                    add(file, base);
                }
            }
        }
    }

    private static void add(Path file, ImageStatistics base) {
        try {
            base.add(RafsMetadata.open(file));
        } catch (IOException e) {
            // The directory holds blobs as well.
            log.atDebug()
                    .addKeyValue("file", file)
                    .addKeyValue("reason", e.getMessage())
                    .log("no image");
        }
    }

    private static ObjectNode figures(
            ImageStatistics image, Map<Digest, ImageStatistics.Known> base, boolean deduplicated) {
        Sum own = new Sum();
        Sum shared = new Sum();
        image.known().forEach((digest, chunk) -> (base.containsKey(digest) ? shared : own).add(chunk));
        ObjectNode node = MAPPER.createObjectNode();
        node.put("dirs", image.directories());
        node.put("files", image.files());
        node.put("symlinks", image.symlinks());
        node.put("chunks", image.chunks());
        node.put("file_size", image.fileBytes());
        node.put("comp_size", image.storedBytes());
        node.put("uncomp_size", image.paddedBytes());
        node.put("padding_size", image.padding());
        ArrayNode chunkSizes = node.putArray("chunk_sizes");
        for (long count : image.chunkSizes()) {
            chunkSizes.add(count);
        }
        ArrayNode fileSizes = node.putArray("file_sizes");
        for (long count : image.fileSizes()) {
            fileSizes.add(count);
        }
        put(node, "dedup", deduplicated ? own : new Sum());
        put(node, "own", own);
        put(node, "ref", shared);
        return node;
    }

    private static void put(ObjectNode node, String prefix, Sum sum) {
        node.put(prefix + "_chunks", sum.chunks);
        node.put(prefix + "_comp_size", sum.stored);
        node.put(prefix + "_uncomp_size", sum.plain);
    }

    private static void print(String title, ObjectNode figures) {
        System.out.println(title);
        figures.properties().forEach(field -> System.out.printf("%-24s%s%n", field.getKey() + ":", field.getValue()));
        System.out.println();
    }

    /** Chunks added up. */
    private static final class Sum {

        private long chunks;
        private long stored;
        private long plain;

        private void add(ImageStatistics.Known chunk) {
            chunks++;
            stored += chunk.stored();
            plain += chunk.plain();
        }
    }
}
