package io.rafsd.builder;

import com.github.luben.zstd.ZstdIOException;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.builder.tar.Archives;
import io.rafsd.builder.tar.TarReader;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

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
    public static BuiltImage build(BuildOptions options, ImageSource source, ImageTarget target, BuildProgress progress)
            throws IOException {
        for (String path : options.prefetch()) {
            if (!path.startsWith("/")) {
                throw new InvalidRequest(
                        "'" + path + "' to prefetch is no absolute path in the image, like /etc/hosts");
            }
        }
        if (options.batchSize() > options.chunkSize()) {
            throw new InvalidRequest("batch size " + options.batchSize() + " is larger than the chunk size "
                    + options.chunkSize() + "; choose a smaller one");
        }
        boolean refers = source instanceof ImageSource.Layer;
        if (refers && (options.version() != FsVersion.V6 || options.batchSize() > 0 || options.encrypted())) {
            throw new InvalidRequest("an image that refers to a layer is RAFS v6, without batches and encryption: its"
                    + " chunks stay as they are in the layer");
        }
        return new ImageBuilder(refers ? options.asReferring() : options, target, progress).build(source);
    }

    private BuiltImage build(ImageSource source) throws IOException {
        Encryption encryption = options.encrypted() ? Encryption.random() : Encryption.none();
        Entry lower = loadBases();
        try (BlobFile file = new BlobFile(target.directoryOfBlob());
                BlobWriter data = new BlobWriter(options, file, slot, known, blobs, encryption, progress)) {
            return switch (source) {
                case ImageSource.Directory directory -> fromDirectory(directory.path(), lower, file, data);
                case ImageSource.Tar tar -> fromTar(tar.path(), lower, file, data);
                case ImageSource.Layer layer -> fromLayer(layer.path(), lower, file, data);
            };
        }
    }

    /** Makes the chunks of dictionary and parent known; the answer is the tree of the parent, or null. */
    private @Nullable Entry loadBases() throws IOException {
        Map<BlobId, BlobSlot> slots = new HashMap<>();
        Path dictionary = options.dictionary();
        Path parent = options.parent();
        Function<BlobInfo, BlobSlot> slotOf = info -> slots.computeIfAbsent(info.id(), _ -> new BlobSlot(info));
        if (dictionary != null) {
            LoadedImage loaded = LoadedImage.of(dictionary, slotOf);
            requireFit("dictionary " + dictionary, loaded.format());
            loaded.chunks().forEach(known::add);
        }
        if (parent == null) {
            return null;
        }
        LoadedImage loaded = LoadedImage.of(parent, slotOf);
        requireFit("parent " + parent, loaded.format());
        for (BlobSlot blob : loaded.blobs()) {
            blobs.list(blob);
        }
        loaded.chunks().forEach(known::add);
        return loaded.root();
    }

    private void requireFit(String what, ImageFormat found) throws InvalidRequest {
        boolean fits = found.version() == options.version()
                && found.chunkSize() == options.chunkSize()
                && found.owners() == options.owners()
                && found.digester() == options.digester()
                && (options.version() == FsVersion.V6 || found.compression() == options.compression());
        if (!fits) {
            throw new InvalidRequest(what + " (" + found + ") does not fit what is to be built ("
                    + ImageFormat.of(options) + "); build with the same options");
        }
    }

    /** The tree of the image: the source's, on the parent's if there is one. */
    private Entry onLower(@Nullable Entry lower, Entry upper) {
        return lower == null ? upper : new Overlay(options.whiteouts()).merge(lower, upper);
    }

    private BuiltImage fromDirectory(Path source, @Nullable Entry lower, BlobFile file, BlobWriter data)
            throws IOException {
        Path from = realSource(source);
        if (target.blobDirectory().toRealPath().startsWith(from)) {
            throw new InvalidRequest("the image would be written to " + target.blobDirectory() + ", which lies in "
                    + source + " and would become part of it; choose a directory outside");
        }
        RawPath location = RawPath.of(from);
        Entry root = TreeScan.of(location);
        if (lower == null) {
            new Overlay(options.whiteouts()).dropMarks(root);
        }
        SourceTree tree = SourceTree.of(location, onLower(lower, root));
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
        return finish(tree, order, file, data, null);
    }

    private BuiltImage fromTar(Path source, @Nullable Entry lower, BlobFile file, BlobWriter data) throws IOException {
        Entry root;
        try (InputStream in = Archives.plain(open(source))) {
            TarTree tar = new TarTree(new TarReader(in), lower, null, options.chunkSize());
            new ChunkPipeline(options, null, known).run(tar, data::store);
            root = tar.root();
        } catch (ZstdIOException | ZipException e) {
            throw new InvalidRequest("archive " + source + " is damaged: " + e.getMessage(), e);
        }
        SourceTree tree = SourceTree.of(RawPath.of(source), onLower(lower, root));
        return finish(tree, BlobOrder.of(tree, options.prefetch()), file, data, null);
    }

    private BuiltImage fromLayer(Path source, @Nullable Entry lower, BlobFile file, BlobWriter data)
            throws IOException {
        try (LayerReader reader = new LayerReader(source)) {
            TarTree tar = new TarTree(new TarReader(reader.content()), lower, reader, options.chunkSize());
            new ChunkPipeline(options, null, known).run(tar, data::store);
            ReferredLayer layer = reader.finish();
            SourceTree tree = SourceTree.of(RawPath.of(source), onLower(lower, tar.root()));
            return finish(tree, BlobOrder.of(tree, options.prefetch()), file, data, layer);
        } catch (IntegrityFailure e) {
            throw new InvalidRequest("archive " + source + ": " + e.getMessage(), e);
        }
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

    private BuiltImage finish(
            SourceTree tree, BlobOrder order, BlobFile file, BlobWriter data, @Nullable ReferredLayer layer)
            throws IOException {
        List<Entry> prefetched = options.prefetchTable() ? order.prefetched() : List.of();
        try (BlobTail tail = new BlobTail(options, file, data, layer);
                Arena arena = Arena.ofConfined()) {
            data.endBatch();
            tail.writeTable();
            Written written = options.inlineBootstrap()
                    ? writeInline(tree, prefetched, file, data, tail, arena)
                    : writeApart(tree, prefetched, file, data, tail, arena);
            return new BuiltImage(
                    written.bootstrap,
                    written.blobs,
                    written.table,
                    new BuiltImage.Statistics(
                            tree.entries().size(),
                            data.files(),
                            data.bytes(),
                            data.chunks().size(),
                            data.repeated(),
                            data.storedBytes(),
                            Duration.ofNanos(System.nanoTime() - start)));
        }
    }

    /** What lies on disk now. */
    private record Written(Path bootstrap, List<BuiltImage.Blob> blobs, List<BlobInfo> table) {}

    /** A blob, if there are new chunks, and a bootstrap of its own. */
    private Written writeApart(
            SourceTree tree, List<Entry> prefetched, BlobFile file, BlobWriter data, BlobTail tail, Arena arena)
            throws IOException {
        List<BuiltImage.Blob> built = List.of();
        if (!data.chunks().isEmpty()) {
            tail.writeContents();
            BlobId digest = new BlobId(file.digest().toString());
            BlobId id = Objects.requireNonNullElse(options.blobId(), digest);
            slot.finish(tail.info(id));
            built = List.of(publish(file, id, tail));
        }
        List<BlobInfo> infos = blobs.infos();
        MemorySegment image = Bootstraps.encode(ImageFormat.of(options), tree, infos, prefetched, arena);
        Path bootstrap = target.bootstrap() == null
                ? target.blobDirectory()
                        .resolve(DigestAlgorithm.SHA256.digest(image).toString())
                : target.bootstrap();
        OutputFile.write(image, bootstrap);
        return new Written(bootstrap, built, infos);
    }

    /** A blob that holds the bootstrap: it cannot state the blob's digest, so it states none. */
    private Written writeInline(
            SourceTree tree, List<Entry> prefetched, BlobFile file, BlobWriter data, BlobTail tail, Arena arena)
            throws IOException {
        if (!data.chunks().isEmpty()) {
            slot.finish(tail.info(null));
        }
        List<BlobInfo> infos = blobs.infos();
        tail.writeBootstrap(Bootstraps.encode(ImageFormat.of(options), tree, infos, prefetched, arena));
        tail.writeContents();
        BlobId id = new BlobId(file.digest().toString());
        BuiltImage.Blob built = publish(file, id, tail);
        return new Written(
                built.file(),
                List.of(built),
                infos.stream().map(blob -> named(blob, id)).toList());
    }

    private static BlobInfo named(BlobInfo blob, BlobId id) {
        return blob.id().equals(BlobTail.UNKNOWN_ID) ? blob.named(id) : blob;
    }

    private BuiltImage.Blob publish(BlobFile file, BlobId id, BlobTail tail) throws IOException {
        Path blob = target.blob() == null ? target.blobDirectory().resolve(id.value()) : target.blob();
        long size = file.size();
        file.moveTo(blob);
        Path table = target.blobDirectory().resolve(tail.info(id).id() + ".blob.meta");
        if (target.chunkTables() && options.version() == FsVersion.V6) {
            OutputFile.write(tail.separate(), table);
        }
        return new BuiltImage.Blob(id, blob, table, size);
    }
}
