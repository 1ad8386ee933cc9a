package io.rafsd.builder;

import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.rafs.layout.Fields;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Room for a piece of the files' content, from the source to the blob: the bytes, the digests of their chunks, the chunks
 * compressed. Small files share a piece, because handing one over costs more than a small file. Used by one thread at a
 * time.
 */
final class PieceBuffer {

    private static final int MIN_SIZE = 1 << 20;
    private static final int MAX_SPANS = 256;
    /** In {@link #packedAt}: the chunk is stored as it is, or not at all. */
    private static final int AS_IT_IS = -1;

    private final BuildOptions options;
    private final MemorySegment plain;
    private final MemorySegment packed;
    private final List<Span> spans = new ArrayList<>(MAX_SPANS);
    private final Digest[] digests;
    private final int[] crcs;
    private final int[] packedAt;
    private final int[] packedSize;
    private int length;

    PieceBuffer(Arena arena, BuildOptions options) {
        int size = size(options);
        int chunks = size / options.chunkSize() + MAX_SPANS;
        this.options = options;
        this.plain = arena.allocate(size);
        // What shrinks takes no more room than it took before; only the last one may need what compressing may take.
        this.packed = arena.allocate(size + options.packing().compressBound(options.chunkSize()));
        this.digests = new Digest[chunks];
        this.crcs = new int[chunks];
        this.packedAt = new int[chunks];
        this.packedSize = new int[chunks];
    }

    /** Bytes of memory that a buffer takes. */
    static long memory(BuildOptions options) {
        return 2L * size(options) + options.packing().compressBound(options.chunkSize());
    }

    private static int size(BuildOptions options) {
        return Math.max(options.chunkSize(), MIN_SIZE);
    }

    void clear() {
        spans.clear();
        length = 0;
    }

    /** How many of the next bytes of a file, of which {@code rest} are left, fit: all, or whole chunks, or 0. */
    int room(long rest) {
        int free = spans.size() == MAX_SPANS ? 0 : (int) plain.byteSize() - length;
        return rest <= free ? (int) rest : free / options.chunkSize() * options.chunkSize();
    }

    /** Adds bytes of a file for which there is {@link #room}, to be read by {@link #load}. */
    void add(FileData data, long fileSize, long offset, int bytes, Entry unread) {
        spans.add(new Span(data, fileSize, offset, bytes, length, unread));
        length += bytes;
    }

    /** Adds bytes of a file for which there is {@link #room}; the caller fills what is given back. */
    MemorySegment add(FileData data, long fileSize, long offset, int bytes) {
        spans.add(new Span(data, fileSize, offset, bytes, length, null));
        MemorySegment target = plain.asSlice(length, bytes);
        length += bytes;
        return target;
    }

    List<Span> spans() {
        return spans;
    }

    /** Reads what is unread, digests all chunks and compresses those that are not known yet. */
    void load(@Nullable FileReader reader, KnownChunks known) throws IOException {
        int chunk = 0;
        int used = 0;
        for (Span span : spans) {
            if (span.unread() != null) {
                Objects.requireNonNull(reader)
                        .read(span.unread(), span.offset(), plain.asSlice(span.start(), span.length()));
            }
            boolean batched = options.isBatched(span);
            for (int at = 0; at < span.length(); at += options.chunkSize(), chunk++) {
                MemorySegment bytes = plain(span, at);
                digests[chunk] = options.digester().digest(bytes);
                crcs[chunk] = crc32c(bytes);
                packedAt[chunk] = AS_IT_IS;
                if (!batched && known.find(digests[chunk], (int) bytes.byteSize()) == null) {
                    used += pack(chunk, bytes, used);
                }
            }
        }
    }

    private int pack(int chunk, MemorySegment bytes, int at) {
        Compression compression = options.packing();
        if (compression == Compression.NONE) {
            return 0;
        }
        int bound = compression.compressBound((int) bytes.byteSize());
        int size = compression.compress(bytes, packed.asSlice(at, bound));
        if (size >= bytes.byteSize()) {
            return 0;
        }
        packedAt[chunk] = at;
        packedSize[chunk] = size;
        return size;
    }

    private static int crc32c(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }

    /** The bytes of the chunk at {@code at} of a span. */
    MemorySegment plain(Span span, int at) {
        return plain.asSlice(span.start() + at, Math.min(options.chunkSize(), span.length() - at));
    }

    /** Digest of the {@code chunk}-th chunk of all spans. */
    Digest digest(int chunk) {
        return digests[chunk];
    }

    int crc32c(int chunk) {
        return crcs[chunk];
    }

    boolean isCompressed(int chunk) {
        return packedAt[chunk] != AS_IT_IS;
    }

    /** The {@code chunk}-th chunk of all, compressed. */
    MemorySegment packed(int chunk) {
        return packed.asSlice(packedAt[chunk], packedSize[chunk]);
    }

    /** Chunks in {@code bytes} bytes. */
    static long chunks(long bytes, int chunkSize) {
        return Fields.roundUp(bytes, chunkSize) / chunkSize;
    }
}
