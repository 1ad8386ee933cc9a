package io.rafsd.builder;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.error.PosixError;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.storage.blobmeta.ChunkEntry;
import io.rafsd.storage.blobmeta.ChunkTableHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Writes what follows the chunks of a blob: the chunk table and its header, with a table of contents the chunks' digests,
 * an inlined bootstrap and that table (RAFS format, section 3.1).
 */
final class BlobTail implements AutoCloseable {

    private static final int PAGE = 4096;
    private static final int PLAIN_FEATURES = BlobFeatures.ALIGNED | BlobFeatures.CAP_TAR_TOC;

    private final BuildOptions options;
    private final BlobFile file;
    private final List<Chunk> chunks;
    private final long uncompressedSize;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment separate;
    private BlobInfo.ChunkTableLocation location = new BlobInfo.ChunkTableLocation(Compression.NONE, 0, 0, 0);

    BlobTail(BuildOptions options, BlobFile file, BlobWriter data) {
        this.options = options;
        this.file = file;
        this.chunks = data.chunks();
        this.uncompressedSize = data.uncompressedSize();
        this.separate = arena.allocate(Fields.roundUp(tableSize(), PAGE) + ChunkTableHeader.SIZE);
    }

    private long tableSize() {
        return (long) chunks.size() * ChunkEntry.SIZE_V1;
    }

    /** Writes the chunk table and its header. */
    void writeTable() throws PosixError {
        MemorySegment table = separate.asSlice(0, tableSize());
        for (int i = 0; i < chunks.size(); i++) {
            entry(chunks.get(i)).encodeV1(table, i);
        }
        MemorySegment packed = arena.allocate(options.compression().compressBound((int) tableSize()));
        int packedSize = options.compression().compress(table, packed);
        boolean shrinks = packedSize < tableSize();
        MemorySegment stored = shrinks ? packed.asSlice(0, packedSize) : table;
        location = new BlobInfo.ChunkTableLocation(
                shrinks ? options.compression() : Compression.NONE, file.size(), stored.byteSize(), tableSize());
        MemorySegment header = separate.asSlice(separate.byteSize() - ChunkTableHeader.SIZE);
        new ChunkTableHeader(
                        features(),
                        location.compressor().number(),
                        chunks.size(),
                        location.offset(),
                        location.compressedSize(),
                        location.uncompressedSize())
                .encode(header);
        file.append(stored);
        file.append(header);
    }

    private int features() {
        return PLAIN_FEATURES;
    }

    /** What an image states of the blob. */
    BlobInfo info(BlobId id) {
        return new BlobInfo(
                id,
                0,
                options.chunkSize(),
                chunks.size(),
                options.compression(),
                options.digester(),
                features(),
                file.size(),
                uncompressedSize,
                location,
                0,
                null);
    }

    /** The chunk table alone, in the form of a cache's {@code .blob.meta} file; valid until {@link #close}. */
    MemorySegment separate() {
        return separate;
    }

    private static ChunkEntry entry(Chunk chunk) {
        return new ChunkEntry(
                chunk.uncompressedOffset(),
                chunk.uncompressedSize(),
                chunk.compressedOffset(),
                chunk.compressedSize(),
                chunk.isCompressed() ? ChunkEntry.COMPRESSED : 0);
    }

    static BlobId id(Digest digest) {
        return new BlobId(digest.toString());
    }

    @Override
    public void close() {
        arena.close();
    }
}
