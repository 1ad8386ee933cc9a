package io.rafsd.builder;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Merges the bootstraps of layers into that of the whole image (RAFS format, section 6.6). Blobs are not touched; those that
 * no file uses any more are left out of the result.
 */
public final class ImageMerger {

    private final MergeOptions options;
    private final Map<BlobId, BlobSlot> slots = new HashMap<>();
    private final Set<BlobId> shared = new HashSet<>();

    private ImageMerger(MergeOptions options) {
        this.options = options;
    }

    /**
     * A merged image.
     *
     * @param bootstrap of the image
     * @param blobTable all its blobs, in order
     * @param version of the format
     * @param compression of the last layer's chunks
     */
    public record MergedImage(Path bootstrap, List<BlobInfo> blobTable, FsVersion version, Compression compression) {}

    /**
     * Merges layers.
     *
     * @param target file of the result, or an existing directory to name it by its SHA-256 in
     * @throws InvalidRequest if the layers do not fit each other
     */
    public static MergedImage merge(MergeOptions options, Path target) throws IOException {
        options.check();
        return new ImageMerger(options).run(target);
    }

    private MergedImage run(Path target) throws IOException {
        List<Entry> trees = new ArrayList<>();
        ImageFormat format = null;
        Path dictionary = options.dictionary();
        if (dictionary != null) {
            LoadedImage loaded = LoadedImage.of(dictionary, this::slot);
            loaded.blobs().forEach(blob -> shared.add(blob.info().id()));
            format = loaded.format();
        }
        Path parent = options.parent();
        if (parent != null) {
            LoadedImage loaded = LoadedImage.of(parent, this::slot);
            loaded.blobs().forEach(blob -> shared.add(blob.info().id()));
            format = fitting(format, loaded.format(), parent);
            trees.add(loaded.root());
        }
        for (int i = 0; i < options.layers().size(); i++) {
            Path layer = options.layers().get(i);
            LoadedImage loaded = LoadedImage.of(layer, ofLayer(i));
            format = fitting(format, loaded.format(), layer);
            requireOneOwnBlob(loaded, layer);
            trees.add(loaded.root());
        }
        Entry root = new Overlay(Whiteouts.OCI).merge(trees);
        return write(SourceTree.of(RawPath.of(target), root), Objects.requireNonNull(format), target);
    }

    private BlobSlot slot(BlobInfo info) {
        return slots.computeIfAbsent(info.id(), _ -> new BlobSlot(info));
    }

    /** Gives the blobs of a layer their slots, under the names and sizes that the caller knows better. */
    private Function<BlobInfo, BlobSlot> ofLayer(int layer) {
        return info -> {
            if (shared.contains(info.id())) {
                return slot(info);
            }
            boolean separate = info.has(BlobFeatures.SEPARATE);
            String id = separate ? of(options.blobIds(), layer) : id(layer);
            BlobInfo known = id == null ? info : info.named(new BlobId(id));
            known = separate ? withTable(known, layer) : withSize(known, layer);
            Long tocSize = of(options.tocSizes(), layer);
            String tocDigest = of(options.tocDigests(), layer);
            return slot(known.withToc(
                    tocSize == null ? known.tocSize() : tocSize.intValue(),
                    tocDigest == null ? known.tocDigest() : Digest.parse(tocDigest)));
        };
    }

    private static <T> @Nullable T of(List<T> stated, int layer) {
        return stated.isEmpty() ? null : stated.get(layer);
    }

    private BlobInfo withSize(BlobInfo blob, int layer) {
        Long size = of(options.blobSizes(), layer);
        return size == null ? blob : blob.sized(size);
    }

    /** What the caller knows of a blob that only holds a chunk table: the data has another builder. */
    private BlobInfo withTable(BlobInfo blob, int layer) {
        String digest = of(options.blobDigests(), layer);
        Long size = of(options.blobSizes(), layer);
        return blob.withChunkTable(blob.chunkTable()
                .in(
                        digest == null ? blob.tableBlob() : new BlobId(digest),
                        size == null ? blob.chunkTable().blobSize() : size));
    }

    /**
     * What the layer's blob is called, if not what the layer says: by the caller, or by the name of the bootstrap, which
     * converters extract from a blob and name as the blob.
     */
    private @Nullable String id(int layer) {
        String digest = of(options.blobDigests(), layer);
        String original = of(options.blobIds(), layer);
        if (digest != null || original != null) {
            return digest == null ? original : digest;
        }
        String name = String.valueOf(options.layers().get(layer).getFileName());
        int dot = name.indexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        return dot < 0 && MergeOptions.isDigest(stem) && isBlob(options.layers().get(layer), stem) ? stem : null;
    }

    private static boolean isBlob(Path layer, String stem) {
        try {
            // A bootstrap that is named by its own digest is named so by us, and is no blob.
            return !DigestAlgorithm.SHA256
                    .digest(MemorySegment.ofArray(Files.readAllBytes(layer)))
                    .toString()
                    .equals(stem);
        } catch (IOException e) {
            return false;
        }
    }

    private void requireOneOwnBlob(LoadedImage layer, Path path) throws InvalidRequest {
        long own = layer.blobs().stream()
                .map(blob -> blob.info().id())
                .filter(id -> !shared.contains(id))
                .count();
        if (own > 1) {
            throw new InvalidRequest("bootstrap " + path + " has " + own + " blobs of its own; a layer has one"
                    + " besides those of the dictionary; merge the layers that it was made of, or give it as parent");
        }
    }

    private static ImageFormat fitting(@Nullable ImageFormat format, ImageFormat found, Path path)
            throws InvalidRequest {
        if (format != null
                && (format.version() != found.version()
                        || format.chunkSize() != found.chunkSize()
                        || format.owners() != found.owners()
                        || (format.version() == FsVersion.V5 && format.digester() != found.digester()))) {
            throw new InvalidRequest("bootstrap " + path + " (" + found + ") does not fit those before it (" + format
                    + "): version, chunk size and owners must be the same, in v5 the digest as well");
        }
        return found;
    }

    private MergedImage write(SourceTree tree, ImageFormat format, Path target) throws IOException {
        BlobTable blobs = new BlobTable();
        for (Entry entry : tree.entries()) {
            if (entry.facts().isRegular()) {
                for (Chunk chunk : entry.data().chunks()) {
                    blobs.list(chunk.blob());
                }
            }
        }
        List<BlobInfo> infos = blobs.infos();
        List<Entry> prefetched = BlobOrder.of(tree, options.prefetch()).prefetched();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = Bootstraps.encode(format, tree, infos, prefetched, arena);
            Path bootstrap = Files.isDirectory(target)
                    ? target.resolve(DigestAlgorithm.SHA256.digest(image).toString())
                    : target;
            OutputFile.write(image, bootstrap);
            return new MergedImage(bootstrap, infos, format.version(), format.compression());
        }
    }
}
