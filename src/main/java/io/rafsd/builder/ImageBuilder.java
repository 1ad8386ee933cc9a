package io.rafsd.builder;

import com.github.luben.zstd.ZstdIOException;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.builder.tar.Archives;
import io.rafsd.builder.tar.TarReader;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.ZipException;

/**
 * Builds a RAFS image. The same source and options give the same bytes, however many threads work: the blob is written in
 * the image's order, and times and owners are the tree's own.
 */
public final class ImageBuilder {

    private static final String BOOTSTRAP = "image.boot";

    private final BuildOptions options;
    private final ImageTarget target;
    private final BuildProgress progress;
    private final long start = System.nanoTime();
    private final KnownChunks known = new KnownChunks();
    private final BlobTable blobs = new BlobTable();
    private final BlobSlot slot = new BlobSlot(null);

    private ImageBuilder(BuildOptions options, ImageTarget target, BuildProgress progress) {
        this.options = options;
        this.target = target;
        this.progress = progress;
    }

    /**
     * Builds {@code image.boot}, the blob under its id, and its chunk table as {@code <id>.blob.meta}. As the other form
     * otherwise.
     *
     * @param source a directory
     * @param output a directory; made if it is not there
     */
    public static BuiltImage build(BuildOptions options, Path source, Path output, BuildProgress progress)
            throws IOException {
        Files.createDirectories(output);
        ImageTarget target = new ImageTarget(output, null, output.resolve(BOOTSTRAP), true);
        return build(options, new ImageSource.Directory(source), target, progress);
    }

    /**
     * Builds an image. Blocks; calls {@code progress} on the caller's thread.
     *
     * @throws InvalidRequest if the source is not what it should be, changes, or holds what an image cannot, or if the
     *     target lies inside of it
     */
    public static BuiltImage build(
            BuildOptions options, ImageSource source, ImageTarget target, BuildProgress progress) throws IOException {
        for (String path : options.prefetch()) {
            if (!path.startsWith("/")) {
                throw new InvalidRequest(
                        "'" + path + "' to prefetch is no absolute path in the image, like /etc/hosts");
            }
        }
        return new ImageBuilder(options, target, progress).build(source);
    }

    private BuiltImage build(ImageSource source) throws IOException {
        try (BlobFile file = new BlobFile(target.directoryOfBlob())) {
            BlobWriter data = new BlobWriter(options, file, slot, known, blobs, progress);
            return switch (source) {
                case ImageSource.Directory directory -> fromDirectory(directory.path(), file, data);
                case ImageSource.Tar tar -> fromTar(tar.path(), file, data);
            };
        }
    }

    private BuiltImage fromDirectory(Path source, BlobFile file, BlobWriter data) throws IOException {
        Path from = realSource(source);
        if (target.blobDirectory().toRealPath().startsWith(from)) {
            throw new InvalidRequest("the image would be written to " + target.blobDirectory() + ", which lies in "
                    + source + " and would become part of it; choose a directory outside");
        }
        RawPath location = RawPath.of(from);
        SourceTree tree = SourceTree.of(location, TreeScan.of(location));
        BlobOrder order = BlobOrder.of(tree, options.prefetch());
        List<Entry> files = order.files().stream()
                .filter(entry -> entry.data().source() != null)
                .toList();
        long bytes = files.stream().mapToLong(entry -> entry.facts().size()).sum();
        options.digester().expect(bytes);
        data.expect(
                files.size(),
                files.stream().filter(entry -> entry.facts().size() == 0).count(),
                bytes);
        new ChunkPipeline(options, new FileReader(tree), known).run(new FilePieces(files), data::store);
        return finish(tree, order, file, data);
    }

    private BuiltImage fromTar(Path source, BlobFile file, BlobWriter data) throws IOException {
        Entry root;
        try (InputStream in = Archives.plain(open(source))) {
            TarTree tar = new TarTree(new TarReader(in));
            new ChunkPipeline(options, null, known).run(tar, data::store);
            root = tar.root();
        } catch (ZstdIOException | ZipException e) {
            throw new InvalidRequest("archive " + source + " is damaged: " + e.getMessage(), e);
        }
        SourceTree tree = SourceTree.of(RawPath.of(source), root);
        return finish(tree, BlobOrder.of(tree, options.prefetch()), file, data);
    }

    private static InputStream open(Path source) throws IOException {
        try {
            return source.toString().equals("-") ? System.in : Files.newInputStream(source);
        } catch (NoSuchFileException e) {
            throw new InvalidRequest("archive " + source + " does not exist", e);
        }
    }

    private static Path realSource(Path source) throws IOException {
        try {
            return source.toRealPath();
        } catch (NoSuchFileException e) {
            throw new InvalidRequest(source + " does not exist; an image is built from a directory", e);
        }
    }

    private BuiltImage finish(SourceTree tree, BlobOrder order, BlobFile file, BlobWriter data) throws IOException {
        List<BuiltImage.Blob> built = data.chunks().isEmpty() ? List.of() : List.of(finishBlob(file, data));
        List<BlobInfo> infos = blobs.infos();
        List<Entry> prefetched = options.prefetchTable() ? order.prefetched() : List.of();
        Path bootstrap;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = new BootstrapWriter(options, tree, infos, prefetched).encode(arena);
            bootstrap = target.bootstrap() == null
                    ? target.blobDirectory().resolve(DigestAlgorithm.SHA256.digest(image).toString())
                    : target.bootstrap();
            OutputFile.write(image, bootstrap);
        }
        return new BuiltImage(
                bootstrap,
                built,
                infos,
                new BuiltImage.Statistics(
                        tree.entries().size(),
                        data.files(),
                        data.bytes(),
                        data.chunks().size(),
                        data.repeated(),
                        data.storedBytes(),
                        Duration.ofNanos(System.nanoTime() - start)));
    }

    private BuiltImage.Blob finishBlob(BlobFile file, BlobWriter data) throws IOException {
        try (BlobTail tail = new BlobTail(options, file, data)) {
            tail.writeTable();
            BlobId id = BlobTail.id(file.digest());
            BlobInfo info = tail.info(id);
            slot.finish(info);
            Path blob = target.blob() == null ? target.blobDirectory().resolve(id.value()) : target.blob();
            file.moveTo(blob);
            Path table = target.blobDirectory().resolve(id + ".blob.meta");
            if (target.chunkTables()) {
                OutputFile.write(tail.separate(), table);
            }
            return new BuiltImage.Blob(id, blob, table, info.compressedSize());
        }
    }
}
