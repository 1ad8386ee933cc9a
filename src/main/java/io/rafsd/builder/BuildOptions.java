package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an image is built. Immutable: each change gives another. */
public final class BuildOptions {

    private static final int MIN_CHUNK = 1 << 12;
    private static final int MAX_CHUNK = 1 << 24;

    private Compression compression = Compression.ZSTD;
    private DigestAlgorithm digester = DigestAlgorithm.BLAKE3;
    private int chunkSize = 1 << 20;
    private int threads = Runtime.getRuntime().availableProcessors();
    private List<String> prefetch = List.of();
    private boolean prefetchTable = true;
    private boolean owners = true;
    private Whiteouts whiteouts = Whiteouts.OCI;
    private FsVersion version = FsVersion.V6;
    private int batchSize = 0;
    private boolean toc = false;
    private boolean inlineBootstrap = false;
    private @Nullable Path parent = null;
    private @Nullable Path dictionary = null;
    private boolean alignedChunks = false;
    private boolean encrypted = false;
    private boolean referring = false;
    private @Nullable BlobId blobId = null;

    private BuildOptions() {}

    /** zstd, BLAKE3, chunks of 1 MiB, a thread for each processor, RAFS v6, OCI whiteouts: what the field uses. */
    public static BuildOptions defaults() {
        return new BuildOptions();
    }

    private BuildOptions copy() {
        BuildOptions copy = new BuildOptions();
        copy.compression = compression;
        copy.digester = digester;
        copy.chunkSize = chunkSize;
        copy.threads = threads;
        copy.prefetch = prefetch;
        copy.prefetchTable = prefetchTable;
        copy.owners = owners;
        copy.whiteouts = whiteouts;
        copy.version = version;
        copy.batchSize = batchSize;
        copy.toc = toc;
        copy.inlineBootstrap = inlineBootstrap;
        copy.parent = parent;
        copy.dictionary = dictionary;
        copy.alignedChunks = alignedChunks;
        copy.encrypted = encrypted;
        copy.referring = referring;
        copy.blobId = blobId;
        return copy;
    }

    /** Compression of chunks and chunk table. */
    public Compression compression() {
        return compression;
    }

    public BuildOptions withCompression(Compression changed) {
        if (changed == Compression.GZIP) {
            throw new IllegalArgumentException("gzip chunks can be read, not built; choose zstd, lz4_block or none");
        }
        BuildOptions copy = copy();
        copy.compression = changed;
        return copy;
    }

    /** How chunks are digested. */
    public DigestAlgorithm digester() {
        return digester;
    }

    public BuildOptions withDigester(DigestAlgorithm changed) {
        BuildOptions copy = copy();
        copy.digester = changed;
        return copy;
    }

    /** Bytes of a chunk, a power of two from 4 KiB to 16 MiB. */
    public int chunkSize() {
        return chunkSize;
    }

    public BuildOptions withChunkSize(int changed) {
        if (!isChunkSize(changed)) {
            throw new IllegalArgumentException(
                    "chunk size " + changed + " is no power of two from " + MIN_CHUNK + " to " + MAX_CHUNK);
        }
        BuildOptions copy = copy();
        copy.chunkSize = changed;
        return copy;
    }

    /** Threads that read, digest and compress; their number never changes a byte of the image. */
    public int threads() {
        return threads;
    }

    public BuildOptions withThreads(int changed) {
        if (changed < 1) {
            throw new IllegalArgumentException("at least 1 thread is needed, not " + changed);
        }
        BuildOptions copy = copy();
        copy.threads = changed;
        return copy;
    }

    /** Absolute paths in the image, most urgent first, whose files lie at the start of the blob. */
    public List<String> prefetch() {
        return prefetch;
    }

    public BuildOptions withPrefetch(List<String> changed) {
        BuildOptions copy = copy();
        copy.prefetch = List.copyOf(changed);
        return copy;
    }

    /** Whether the image lists what is to be prefetched, so that a mount can fetch it ahead. */
    public boolean prefetchTable() {
        return prefetchTable;
    }

    public BuildOptions withPrefetchTable(boolean changed) {
        BuildOptions copy = copy();
        copy.prefetchTable = changed;
        return copy;
    }

    /** Whether the image states who owns its files; without, they belong to who serves it. */
    public boolean owners() {
        return owners;
    }

    public BuildOptions withOwners(boolean changed) {
        BuildOptions copy = copy();
        copy.owners = changed;
        return copy;
    }

    /** How an upper layer says what it hides of the lower ones. */
    public Whiteouts whiteouts() {
        return whiteouts;
    }

    public BuildOptions withWhiteouts(Whiteouts changed) {
        BuildOptions copy = copy();
        copy.whiteouts = changed;
        return copy;
    }

    /** Format of the bootstrap. */
    public FsVersion version() {
        return version;
    }

    public BuildOptions withVersion(FsVersion changed) {
        BuildOptions copy = copy();
        copy.version = changed;
        return copy;
    }

    /** Bytes that small files share when they are compressed together, a power of two up to the chunk size; 0 for each by itself. */
    public int batchSize() {
        return batchSize;
    }

    public BuildOptions withBatchSize(int changed) {
        if (changed != 0 && !isChunkSize(changed)) {
            throw new IllegalArgumentException("batch size " + changed + " is neither 0 nor a power of two from "
                    + MIN_CHUNK + " to " + MAX_CHUNK);
        }
        BuildOptions copy = copy();
        copy.batchSize = changed;
        return copy;
    }

    /** Whether the blob ends with a table of contents and holds its chunks' digests. */
    public boolean toc() {
        return toc;
    }

    public BuildOptions withToc(boolean changed) {
        BuildOptions copy = copy();
        copy.toc = changed;
        return copy;
    }

    /** Whether the bootstrap lies in the blob instead of a file of its own. */
    public boolean inlineBootstrap() {
        return inlineBootstrap;
    }

    public BuildOptions withInlineBootstrap(boolean changed) {
        BuildOptions copy = copy();
        copy.inlineBootstrap = changed;
        return copy;
    }

    /** Bootstrap of the image that this one is an upper layer of, or null. */
    public @Nullable Path parent() {
        return parent;
    }

    public BuildOptions withParent(@Nullable Path changed) {
        BuildOptions copy = copy();
        copy.parent = changed;
        return copy;
    }

    /** Bootstrap whose chunks need not be stored again, or null. */
    public @Nullable Path dictionary() {
        return dictionary;
    }

    public BuildOptions withDictionary(@Nullable Path changed) {
        BuildOptions copy = copy();
        copy.dictionary = changed;
        return copy;
    }

    /** Whether chunks of v5 begin at multiples of 4 KiB; those of v6 always do. */
    public boolean alignedChunks() {
        return alignedChunks;
    }

    public BuildOptions withAlignedChunks(boolean changed) {
        BuildOptions copy = copy();
        copy.alignedChunks = changed;
        return copy;
    }

    /** Whether the blob is encrypted by AES-128-XTS; the key lies in the bootstrap. */
    public boolean encrypted() {
        return encrypted;
    }

    public BuildOptions withEncrypted(boolean changed) {
        BuildOptions copy = copy();
        copy.encrypted = changed;
        return copy;
    }

    /** What the blob is called instead of by its digest, or null. */
    public @Nullable BlobId blobId() {
        return blobId;
    }

    public BuildOptions withBlobId(@Nullable BlobId changed) {
        BuildOptions copy = copy();
        copy.blobId = changed;
        return copy;
    }

    /** The same for an image that refers to a layer: its chunks are what gzip made of them. */
    BuildOptions asReferring() {
        BuildOptions copy = copy();
        copy.compression = Compression.GZIP;
        copy.digester = DigestAlgorithm.SHA256;
        copy.referring = true;
        return copy;
    }

    /** Whether chunks stay where they are, in a layer. */
    boolean isReferring() {
        return referring;
    }

    /** How chunks are compressed while they are stored. */
    Compression packing() {
        return referring ? Compression.NONE : compression;
    }

    /** How the chunk table is compressed. */
    Compression tableCompression() {
        return referring ? Compression.ZSTD : compression;
    }

    private static boolean isChunkSize(int size) {
        return Integer.bitCount(size) == 1 && size >= MIN_CHUNK && size <= MAX_CHUNK;
    }

    /** Whether chunks begin at multiples of 4 KiB in the uncompressed address space. */
    boolean isAligned() {
        return version == FsVersion.V6 || alignedChunks;
    }

    /** Whether the chunk table's entries are of its second form. */
    boolean hasLongEntries() {
        return batchSize > 0 || encrypted || referring;
    }

    /** Whether a span is compressed together with others. */
    boolean isBatched(Span span) {
        return batchSize > 0 && span.isWhole(chunkSize) && span.fileSize() < batchSize / 2;
    }
}
