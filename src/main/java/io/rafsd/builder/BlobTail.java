package io.rafsd.builder;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.TarHeader;
import io.rafsd.blob.TocEntry;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.PosixError;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.storage.blobmeta.BatchContext;
import io.rafsd.storage.blobmeta.ChunkEntry;
import io.rafsd.storage.blobmeta.ChunkTableHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what follows the chunks of a blob: the chunk table and its header, and where they are wanted the chunks' digests,
 * the bootstrap and a table of contents (RAFS format, section 3.1). Steps in the order of the methods.
 */
final class BlobTail implements AutoCloseable {

    /** A blob that holds the bootstrap cannot state its own digest there. */
    static final BlobId UNKNOWN_ID = new BlobId("x".repeat(64));

    private static final int PAGE = 4096;

    private final BuildOptions options;
    private final BlobFile file;
    private final BlobWriter data;
    private final @Nullable ReferredLayer layer;
    private final Arena arena = Arena.ofConfined();
    private final List<TocEntry> contents = new ArrayList<>();
    private final MemorySegment separate;
    private BlobInfo.ChunkTableLocation location = BlobInfo.ChunkTableLocation.IN_BOOTSTRAP;
    private int tocSize;
    private @Nullable Digest tocDigest;

    /** @param layer that holds the chunks, if they are not in the blob */
    BlobTail(BuildOptions options, BlobFile file, BlobWriter data, @Nullable ReferredLayer layer) {
        this.options = options;
        this.layer = layer;
        this.file = file;
        this.data = data;
        this.separate = arena.allocate(Fields.roundUp(tableSize(), PAGE) + ChunkTableHeader.SIZE);
    }

    private boolean hasHeaders() {
        return options.toc() || options.inlineBootstrap();
    }

    private boolean isEmpty() {
        return data.chunks().isEmpty();
    }

    private long entriesSize() {
        return (long) data.entries().size() * (options.hasLongEntries() ? ChunkEntry.SIZE_V2 : ChunkEntry.SIZE_V1);
    }

    private long tableSize() {
        return entriesSize() + contextsSize();
    }

    private long contextsSize() {
        return data.batches().size() * BatchContext.SIZE + data.windows().size();
    }

    /** Ends the chunks and writes what describes them. */
    void writeTable() throws PosixError {
        if (isEmpty()) {
            return;
        }
        if (hasHeaders() && layer == null) {
            long size = file.size();
            writeHeader(TocEntry.DATA, size);
            contents.add(new TocEntry(
                    TocEntry.DATA, Compression.NONE, file.digestSoFar(), 0, size, data.uncompressedSize()));
        }
        if (options.version() == FsVersion.V6) {
            writeChunkTable();
        }
        if (options.toc()) {
            writeDigests();
        }
    }

    private void writeChunkTable() throws PosixError {
        MemorySegment table = table();
        Compression wanted = options.tableCompression();
        MemorySegment packed = arena.allocate(wanted.compressBound((int) table.byteSize()));
        int packedSize = wanted.compress(table, packed);
        boolean shrinks = packedSize < table.byteSize();
        Compression compression = shrinks ? wanted : Compression.NONE;
        long offset = file.size();
        MemorySegment stored = data.encryption().apply(shrinks ? packed.asSlice(0, packedSize) : table);
        file.append(stored);
        location = new BlobInfo.ChunkTableLocation(compression, offset, stored.byteSize(), table.byteSize());
        MemorySegment header = separate.asSlice(separate.byteSize() - ChunkTableHeader.SIZE);
        new ChunkTableHeader(
                        features(),
                        compression.number(),
                        data.entries().size(),
                        offset,
                        location.compressedSize(),
                        location.uncompressedSize(),
                        options.batchSize() > 0 || layer != null ? entriesSize() : 0,
                        contextsSize(),
                        data.batches().size() + data.windows().count())
                .encode(header);
        file.append(data.encryption().apply(header));
        if (hasHeaders()) {
            writeHeader(TocEntry.CHUNK_TABLE, location.compressedSize() + ChunkTableHeader.SIZE);
        }
        contents.add(new TocEntry(
                TocEntry.CHUNK_TABLE,
                compression,
                DigestAlgorithm.SHA256.digest(table),
                offset,
                location.compressedSize(),
                table.byteSize()));
        contents.add(new TocEntry(
                TocEntry.CHUNK_TABLE_HEADER,
                Compression.NONE,
                DigestAlgorithm.SHA256.digest(header),
                offset + location.compressedSize(),
                ChunkTableHeader.SIZE,
                ChunkTableHeader.SIZE));
    }

    private MemorySegment table() {
        MemorySegment table = separate.asSlice(0, tableSize());
        List<ChunkEntry> entries = data.entries();
        for (int i = 0; i < entries.size(); i++) {
            if (options.hasLongEntries()) {
                entries.get(i).encodeV2(table, i);
            } else {
                entries.get(i).encodeV1(table, i);
            }
        }
        MemorySegment contexts = table.asSlice(entriesSize());
        for (int i = 0; i < data.batches().size(); i++) {
            data.batches().get(i).encode(contexts, i);
        }
        data.windows().encode(contexts);
        return table;
    }

    private void writeDigests() throws PosixError {
        MemorySegment digests = arena.allocate((long) data.chunks().size() * Digest.SIZE);
        for (int i = 0; i < data.chunks().size(); i++) {
            data.chunks().get(i).digest().write(digests, (long) i * Digest.SIZE);
        }
        contents.add(new TocEntry(
                TocEntry.CHUNK_DIGESTS,
                Compression.NONE,
                DigestAlgorithm.SHA256.digest(digests),
                file.size(),
                digests.byteSize(),
                digests.byteSize()));
        file.append(digests);
        writeHeader(TocEntry.CHUNK_DIGESTS, digests.byteSize());
    }

    /** Puts the bootstrap into the blob, compressed if a table of contents says so. */
    void writeBootstrap(MemorySegment bootstrap) throws PosixError {
        Compression compression = options.toc() ? Compression.ZSTD : Compression.NONE;
        MemorySegment stored = bootstrap;
        if (options.toc()) {
            MemorySegment packed = arena.allocate(compression.compressBound(Math.toIntExact(bootstrap.byteSize())));
            int size = compression.compress(bootstrap, packed);
            boolean shrinks = size < bootstrap.byteSize();
            stored = shrinks ? packed.asSlice(0, size) : bootstrap;
            compression = shrinks ? compression : Compression.NONE;
        }
        contents.add(new TocEntry(
                TocEntry.BOOTSTRAP,
                compression,
                DigestAlgorithm.SHA256.digest(bootstrap),
                file.size(),
                stored.byteSize(),
                bootstrap.byteSize()));
        file.append(stored);
        writeHeader(TocEntry.BOOTSTRAP, stored.byteSize());
    }

    /** Ends the blob with the table of contents, if it has one. */
    void writeContents() throws PosixError {
        if (!options.toc()) {
            return;
        }
        MemorySegment table = arena.allocate((long) contents.size() * TocEntry.SIZE + TarHeader.SIZE);
        for (int i = 0; i < contents.size(); i++) {
            contents.get(i).encode(table, i);
        }
        long size = (long) contents.size() * TocEntry.SIZE;
        new TarHeader(TocEntry.TOC, size).encode(table.asSlice(size));
        file.append(table);
        tocSize = (int) table.byteSize();
        tocDigest = DigestAlgorithm.SHA256.digest(table);
    }

    private void writeHeader(String name, long size) throws PosixError {
        MemorySegment header = arena.allocate(TarHeader.SIZE);
        new TarHeader(name, size).encode(header);
        file.append(header);
    }

    private int features() {
        return BlobFeatures.CAP_TAR_TOC
                // Of v5 it is not said.
                | (options.version() == FsVersion.V6 ? BlobFeatures.ALIGNED : 0)
                | (hasHeaders() ? BlobFeatures.HAS_TAR_HEADER : 0)
                | (options.toc() ? BlobFeatures.HAS_TOC | BlobFeatures.INLINED_CHUNK_DIGEST : 0)
                | (options.inlineBootstrap() ? BlobFeatures.INLINED_FS_META : 0)
                | (options.hasLongEntries() ? BlobFeatures.CHUNK_INFO_V2 : 0)
                | (options.batchSize() > 0 ? BlobFeatures.BATCH : 0)
                | (layer != null ? BlobFeatures.SEPARATE : 0)
                | (layer != null && layer.compressed() ? BlobFeatures.ZRAN : 0)
                | (options.encrypted() ? BlobFeatures.ENCRYPTED : 0);
    }

    /**
     * What an image states of the blob as far as it is written.
     *
     * @param id of the blob that has been written; null if the bootstrap is in it
     */
    BlobInfo info(@Nullable BlobId id) {
        return new BlobInfo(
                layer != null ? layer.id() : id == null ? UNKNOWN_ID : id,
                0,
                options.chunkSize(),
                data.chunks().size(),
                options.compression(),
                options.digester(),
                features(),
                layer != null ? layer.size() : file.size(),
                data.uncompressedSize(),
                layer == null || id == null ? location : location.in(id, file.size()),
                tocSize,
                tocDigest,
                data.encryption().cipher());
    }

    /** The chunk table alone, in the form of a cache's {@code .blob.meta} file; valid until {@link #close}. */
    MemorySegment separate() {
        return separate;
    }

    @Override
    public void close() {
        arena.close();
    }
}
