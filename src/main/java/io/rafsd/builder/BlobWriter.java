package io.rafsd.builder;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.storage.blobmeta.ChunkEntry;
import io.rafsd.storage.blobmeta.ChunkTableHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Writes the files' chunks, each content once, to a blob, and behind them the chunk table and its header (RAFS format,
 * sections 3.1 and 6.4).
 */
final class BlobWriter {

    /** Chunk indexes have 24 bits. */
    private static final int MAX_CHUNKS = (1 << 24) - 1;
    /** What the fields of a chunk table entry can express. */
    private static final long MAX_COMPRESSED = 1L << 40;

    private static final long MAX_UNCOMPRESSED = 1L << 44;
    private static final int PAGE = 4096;
    private static final int[] NONE = {};
    private static final int FEATURES = BlobFeatures.ALIGNED | BlobFeatures.CAP_TAR_TOC;

    private final BuildOptions options;
    private final SourceTree tree;
    private final Path directory;
    private final BuildProgress progress;
    private final KnownChunks known = new KnownChunks();
    private final List<StoredChunk> chunks = new ArrayList<>();
    private final List<int[]> fileChunks;
    private long uncompressedSize;
    private long repeated;
    private long filesDone;
    private long bytesDone;

    BlobWriter(BuildOptions options, SourceTree tree, Path directory, BuildProgress progress) {
        this.options = options;
        this.tree = tree;
        this.directory = directory;
        this.progress = progress;
        this.fileChunks = new ArrayList<>(Collections.nCopies(tree.entries().size() + 1, NONE));
    }

    BlobContent write(List<Entry> files) throws IOException {
        long totalBytes = files.stream().mapToLong(file -> file.status().size()).sum();
        long totalFiles = files.size();
        filesDone = files.stream().filter(file -> file.status().size() == 0).count();
        progress.stored(filesDone, 0, totalFiles, totalBytes);
        BlobInfo blob = null;
        try (BlobFile file = new BlobFile(directory)) {
            new ChunkPipeline(options, tree, known).run(Piece.of(files, options.chunkSize()), loaded -> {
                store(file, loaded);
                progress.stored(filesDone, bytesDone, totalFiles, totalBytes);
            });
            if (!chunks.isEmpty()) {
                blob = finish(file);
            }
        }
        return new BlobContent(blob, chunks, fileChunks, totalBytes, repeated);
    }

    private void store(BlobFile file, PieceBuffer loaded) throws IOException {
        Piece piece = loaded.piece();
        int[] indexes = indexes(piece);
        int first = (int) (piece.offset() / options.chunkSize());
        for (int i = 0; i < loaded.chunks(); i++) {
            Integer index = known.index(loaded.digest(i), loaded.size(i));
            if (index == null) {
                index = append(file, loaded, i);
            } else {
                repeated++;
            }
            indexes[first + i] = index;
        }
        bytesDone += piece.length();
        filesDone += piece.isLast() ? 1 : 0;
    }

    private int[] indexes(Piece piece) throws InvalidRequest {
        int number = piece.file().number();
        if (piece.offset() == 0) {
            long count = (piece.file().status().size() + options.chunkSize() - 1) / options.chunkSize();
            if (count > Integer.MAX_VALUE - 8) {
                throw new InvalidRequest(tree.path(piece.file()) + " has " + count + " chunks of " + options.chunkSize()
                        + " bytes; build with larger chunks");
            }
            fileChunks.set(number, new int[(int) count]);
        }
        return fileChunks.get(number);
    }

    private int append(BlobFile file, PieceBuffer loaded, int chunk) throws InvalidRequest, PosixError {
        MemorySegment bytes = loaded.stored(chunk);
        int index = chunks.size();
        if (index == MAX_CHUNKS
                || file.size() + bytes.byteSize() > MAX_COMPRESSED
                || uncompressedSize + loaded.size(chunk) > MAX_UNCOMPRESSED) {
            throw new InvalidRequest(tree.location() + " does not fit a blob, which holds " + MAX_CHUNKS
                    + " different chunks and 1 TiB; build with larger chunks, or from several directories");
        }
        chunks.add(new StoredChunk(
                loaded.digest(chunk), file.size(), (int) bytes.byteSize(), uncompressedSize, loaded.size(chunk)));
        known.add(loaded.digest(chunk), loaded.size(chunk), index);
        file.append(bytes);
        uncompressedSize = Fields.roundUp(uncompressedSize + loaded.size(chunk), PAGE);
        return index;
    }

    private BlobInfo finish(BlobFile file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long tableSize = (long) chunks.size() * ChunkEntry.SIZE_V1;
            MemorySegment separate = arena.allocate(Fields.roundUp(tableSize, PAGE) + ChunkTableHeader.SIZE);
            MemorySegment table = separate.asSlice(0, tableSize);
            for (int i = 0; i < chunks.size(); i++) {
                entry(chunks.get(i)).encodeV1(table, i);
            }
            MemorySegment packed = arena.allocate(options.compression().compressBound((int) tableSize));
            int packedSize = options.compression().compress(table, packed);
            boolean shrinks = packedSize < tableSize;
            MemorySegment stored = shrinks ? packed.asSlice(0, packedSize) : table;
            BlobInfo.ChunkTableLocation location = new BlobInfo.ChunkTableLocation(
                    shrinks ? options.compression() : Compression.NONE, file.size(), stored.byteSize(), tableSize);
            MemorySegment header = separate.asSlice(separate.byteSize() - ChunkTableHeader.SIZE);
            new ChunkTableHeader(
                            FEATURES,
                            location.compressor().number(),
                            chunks.size(),
                            location.offset(),
                            location.compressedSize(),
                            location.uncompressedSize())
                    .encode(header);
            file.append(stored);
            file.append(header);
            BlobId id = file.name();
            OutputFile.write(separate, chunkTable(directory, id));
            return new BlobInfo(
                    id,
                    0,
                    options.chunkSize(),
                    chunks.size(),
                    options.compression(),
                    options.digester(),
                    FEATURES,
                    file.size(),
                    uncompressedSize,
                    location,
                    0,
                    null);
        }
    }

    private static ChunkEntry entry(StoredChunk chunk) {
        return new ChunkEntry(
                chunk.uncompressedOffset(),
                chunk.uncompressedSize(),
                chunk.compressedOffset(),
                chunk.compressedSize(),
                chunk.isCompressed() ? ChunkEntry.COMPRESSED : 0);
    }

    /** Where the chunk table of a blob lies alone. */
    static Path chunkTable(Path directory, BlobId id) {
        return directory.resolve(id + ".blob.meta");
    }
}
