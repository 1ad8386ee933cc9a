package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Builds a RAFS v6 image from a directory. The same tree and options give the same bytes, however many threads work: the
 * blob is written in the image's order, and times and owners are the tree's own.
 */
public final class ImageBuilder {

    private static final String BOOTSTRAP = "image.boot";

    private ImageBuilder() {}

    /**
     * Builds {@code image.boot}, the blob under its id, and its chunk table as {@code <id>.blob.meta}. Blocks; calls
     * {@code progress} on the caller's thread.
     *
     * @param source nobody may write to it meanwhile; what changes while it is read fails the build
     * @param output a directory outside of {@code source}; made if it is not there
     * @throws InvalidRequest if the source is no directory, changes, or holds what an image cannot
     */
    public static BuiltImage build(BuildOptions options, Path source, Path output, BuildProgress progress)
            throws IOException {
        long start = System.nanoTime();
        Path from = realSource(source);
        Files.createDirectories(output);
        if (output.toRealPath().startsWith(from)) {
            throw new InvalidRequest("the image would be written to " + output + ", which lies in " + source
                    + " and would become part of it; choose a directory outside");
        }
        for (String path : options.prefetch()) {
            if (!path.startsWith("/")) {
                throw new InvalidRequest(
                        "'" + path + "' to prefetch is no absolute path in the image, like /etc/hosts");
            }
        }
        SourceTree tree = TreeScan.of(RawPath.of(from));
        BlobOrder order = BlobOrder.of(tree, options.prefetch());
        BlobContent content = new BlobWriter(options, tree, output, progress).write(order.files());
        Path bootstrap = output.resolve(BOOTSTRAP);
        new BootstrapWriter(options, tree, content, order.prefetched()).write(bootstrap);
        BlobInfo blob = content.blob();
        List<BuiltImage.Blob> blobs = blob == null
                ? List.of()
                : List.of(new BuiltImage.Blob(
                        blob.id(),
                        output.resolve(blob.id().value()),
                        BlobWriter.chunkTable(output, blob.id()),
                        blob.compressedSize()));
        return new BuiltImage(
                bootstrap,
                blobs,
                new BuiltImage.Statistics(
                        tree.entries().size(),
                        order.files().size(),
                        content.fileBytes(),
                        content.chunks().size(),
                        content.repeated(),
                        content.storedBytes(),
                        Duration.ofNanos(System.nanoTime() - start)));
    }

    private static Path realSource(Path source) throws IOException {
        try {
            return source.toRealPath();
        } catch (NoSuchFileException e) {
            throw new InvalidRequest(source + " does not exist; an image is built from a directory", e);
        }
    }
}
