package io.rafsd.builder;

import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.IndexedGzip;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.storage.blobmeta.BatchContext;
import io.rafsd.storage.blobmeta.ChunkEntry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files' chunks, each content once, to a blob, and tells each file of its chunks (RAFS format, section 6.4).
 * For one thread.
 */
final class BlobWriter implements AutoCloseable {

    /** Chunk indexes have 24 bits. */
    private static final int MAX_CHUNKS = (1 << 24) - 1;
    /** What the fields of a chunk table entry can express. */
    private static final long MAX_COMPRESSED = 1L << 40;

    private static final long MAX_UNCOMPRESSED = 1L << 44;
    private static final int PAGE = 4096;

    private final BuildOptions options;
    private final BlobFile file;
    private final BlobSlot slot;
    private final KnownChunks known;
    private final BlobTable blobs;
    private final BuildProgress progress;
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<ChunkEntry> entries = new ArrayList<>();
    private final BatchBuffer batch;
    private final LayerWindows windows = new LayerWindows();
    private final Encryption encryption;
    private final int alignment;
    private long uncompressedSize;
    private long repeated;
    private long totalFiles;
    private long totalBytes;
    private long filesDone;
    private long bytesDone;

    BlobWriter(
            BuildOptions options,
            BlobFile file,
            BlobSlot slot,
            KnownChunks known,
            BlobTable blobs,
            Encryption encryption,
            BuildProgress progress) {
        this.options = options;
        this.file = file;
        this.slot = slot;
        this.known = known;
        this.blobs = blobs;
        this.encryption = encryption;
        this.progress = progress;
        this.batch = new BatchBuffer(options.batchSize());
        this.alignment = options.isAligned() ? PAGE : 1;
    }

    /** Says how much is coming, as far as is known. */
    void expect(long files, long emptyFiles, long bytes) {
        totalFiles = files;
        totalBytes = bytes;
        filesDone = emptyFiles;
        progress.stored(filesDone, 0, totalFiles, totalBytes);
    }

    /** Stores the chunks of one piece that are not stored yet. */
    void store(PieceBuffer loaded) throws IOException {
        int chunk = 0;
        for (Span span : loaded.spans()) {
            Chunk[] held = chunksOf(span);
            int first = (int) (span.offset() / options.chunkSize());
            for (int at = 0; at < span.length(); at += options.chunkSize(), chunk++) {
                held[first] = store(loaded, span, at, chunk, first++);
            }
            bytesDone += span.length();
            filesDone += span.isLast() ? 1 : 0;
        }
        progress.stored(filesDone, bytesDone, Math.max(totalFiles, filesDone), Math.max(totalBytes, bytesDone));
    }

    private Chunk[] chunksOf(Span span) throws InvalidRequest {
        if (span.offset() == 0) {
            long count = PieceBuffer.chunks(span.fileSize(), options.chunkSize());
            if (count > Integer.MAX_VALUE - 8) {
                throw new InvalidRequest("a file of " + span.fileSize() + " bytes has " + count + " chunks of "
                        + options.chunkSize() + " bytes; build with larger chunks");
            }
            span.data().hold(new Chunk[(int) count]);
        }
        return span.data().chunks();
    }

    private Chunk store(PieceBuffer loaded, Span span, int at, int number, int position)
            throws InvalidRequest, PosixError {
        MemorySegment plain = loaded.plain(span, at);
        LayerPlace place = options.isReferring() ? span.data().takePlace(position) : null;
        Digest digest = loaded.digest(number);
        @Nullable Chunk earlier = known.find(digest, (int) plain.byteSize());
        if (earlier != null) {
            repeated++;
            blobs.list(earlier.blob());
            return earlier;
        }
        require(plain.byteSize());
        Chunk chunk;
        if (place != null) {
            chunk = refer(place, (int) plain.byteSize(), digest, loaded.crc32c(number));
        } else if (options.isBatched(span)) {
            chunk = addToBatch(plain, digest, loaded.crc32c(number));
        } else {
            MemorySegment packed = loaded.isCompressed(number) ? loaded.packed(number) : null;
            chunk = append(plain, packed, digest, loaded.crc32c(number));
        }
        blobs.list(slot);
        chunks.add(chunk);
        known.add(chunk);
        uncompressedSize = Fields.roundUp(uncompressedSize + plain.byteSize(), alignment);
        return chunk;
    }

    private Chunk append(MemorySegment plain, @Nullable MemorySegment packed, Digest digest, int crc32c)
            throws PosixError {
        endBatch();
        MemorySegment stored = encryption.apply(packed == null ? plain : packed);
        int flags = (packed == null ? 0 : ChunkRecord.COMPRESSED)
                | (encryption.isOn() ? ChunkRecord.ENCRYPTED : 0)
                | ChunkRecord.HAS_CRC32C;
        long offset = file.size();
        file.append(stored);
        entries.add(new ChunkEntry(
                uncompressedSize,
                (int) plain.byteSize(),
                offset,
                (int) stored.byteSize(),
                (packed == null ? 0 : ChunkEntry.COMPRESSED)
                        | (encryption.isOn() ? ChunkEntry.ENCRYPTED : 0)
                        | ChunkEntry.HAS_CRC32C,
                Integer.toUnsignedLong(crc32c)));
        return new Chunk(
                digest,
                slot,
                chunks.size(),
                flags,
                (int) stored.byteSize(),
                (int) plain.byteSize(),
                offset,
                uncompressedSize,
                crc32c);
    }

    private Chunk refer(LayerPlace place, int size, Digest digest, int crc32c) throws InvalidRequest {
        IndexedGzip.Checkpoint window = place.window();
        entries.add(
                window == null
                        ? new ChunkEntry(
                                uncompressedSize,
                                size,
                                place.offset(),
                                size,
                                ChunkEntry.HAS_CRC32C,
                                Integer.toUnsignedLong(crc32c))
                        : new ChunkEntry(
                                uncompressedSize,
                                size,
                                place.offset(),
                                place.storedSize(),
                                ChunkEntry.COMPRESSED | ChunkEntry.ZRAN,
                                windows.reach(place, window)));
        return new Chunk(
                digest,
                slot,
                chunks.size(),
                (window == null ? 0 : ChunkRecord.COMPRESSED) | ChunkRecord.HAS_CRC32C,
                place.storedSize(),
                size,
                place.offset(),
                uncompressedSize,
                crc32c);
    }

    private Chunk addToBatch(MemorySegment plain, Digest digest, int crc32c) throws PosixError {
        if (batch.isFullFor(plain.byteSize())) {
            endBatch();
        }
        entries.add(new ChunkEntry(
                uncompressedSize,
                (int) plain.byteSize(),
                file.size(),
                0,
                ChunkEntry.COMPRESSED | ChunkEntry.BATCH | (encryption.isOn() ? ChunkEntry.ENCRYPTED : 0),
                batch.place()));
        batch.add(plain);
        return new Chunk(
                digest,
                slot,
                chunks.size(),
                ChunkRecord.HAS_CRC32C,
                0,
                (int) plain.byteSize(),
                0,
                uncompressedSize,
                crc32c);
    }

    /** Writes the batch that small chunks have been gathered in. */
    void endBatch() throws PosixError {
        if (batch.isEmpty()) {
            return;
        }
        MemorySegment plain = batch.content();
        Compression compression = options.compression();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(compression.compressBound((int) plain.byteSize()));
            int packed = compression.compress(plain, room);
            MemorySegment stored = encryption.apply(packed < plain.byteSize() ? room.asSlice(0, packed) : plain);
            file.append(stored);
            batch.end((int) stored.byteSize());
        }
    }

    private void require(long plain) throws InvalidRequest {
        if (chunks.size() == MAX_CHUNKS
                || file.size() + plain > MAX_COMPRESSED
                || uncompressedSize + plain > MAX_UNCOMPRESSED) {
            throw new InvalidRequest("the content does not fit a blob, which holds " + MAX_CHUNKS
                    + " different chunks and 1 TiB; build with larger chunks, or from several sources");
        }
    }

    /** The chunks stored, by their index. */
    List<Chunk> chunks() {
        return chunks;
    }

    /** What the chunk table says of them. */
    List<ChunkEntry> entries() {
        return entries;
    }

    /** Of all batches, in order. */
    List<BatchContext> batches() {
        return batch.contexts();
    }

    /** Of a gzip file that the chunks stay in. */
    LayerWindows windows() {
        return windows;
    }

    Encryption encryption() {
        return encryption;
    }

    @Override
    public void close() {
        batch.close();
    }

    /** Bytes of the uncompressed address space. */
    long uncompressedSize() {
        return uncompressedSize;
    }

    /** Chunks of files that an earlier chunk stands for. */
    long repeated() {
        return repeated;
    }

    /** Regular files whose content has been stored. */
    long files() {
        return filesDone;
    }

    /** Bytes of their content. */
    long bytes() {
        return bytesDone;
    }

    /** Bytes of all chunks as the blob holds them. */
    long storedBytes() {
        return entries.stream().mapToLong(ChunkEntry::compressedSize).sum()
                + batch.contexts().stream().mapToLong(BatchContext::storedSize).sum();
    }
}
