package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.rafs.layout.ChunkRecord;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the bootstrap's chunk table: a record for each chunk that a file has, sorted by digest and blob, with the place of
 * the chunk in the last file that has it (RAFS format, section 2.8).
 */
final class ChunkTableWriter {

    private static final Comparator<Digest> BY_BYTES = (x, y) -> {
        int order = Long.compareUnsigned(x.a(), y.a());
        order = order == 0 ? Long.compareUnsigned(x.b(), y.b()) : order;
        order = order == 0 ? Long.compareUnsigned(x.c(), y.c()) : order;
        return order == 0 ? Long.compareUnsigned(x.d(), y.d()) : order;
    };

    private final List<Placed> records;

    /** A chunk, and where in a file it lies. */
    private record Placed(Chunk chunk, long fileOffset) {}

    /** What tells a record from all others. */
    private record Key(Digest digest, BlobSlot blob) {}

    ChunkTableWriter(SourceTree tree, int chunkSize) {
        Map<Key, Placed> last = new HashMap<>();
        for (Entry entry : tree.entries()) {
            if (entry.facts().isRegular()) {
                Chunk[] chunks = entry.data().chunks();
                for (int i = 0; i < chunks.length; i++) {
                    last.put(
                            new Key(chunks[i].digest(), chunks[i].blob()), new Placed(chunks[i], (long) i * chunkSize));
                }
            }
        }
        records = new ArrayList<>(last.values());
        records.sort(Comparator.comparing((Placed placed) -> placed.chunk().digest(), BY_BYTES)
                .thenComparingInt(placed -> placed.chunk().blob().index()));
    }

    /** Bytes of the table. */
    long size() {
        return records.size() * ChunkRecord.SIZE;
    }

    void write(MemorySegment image, long offset) {
        for (int i = 0; i < records.size(); i++) {
            write(records.get(i).chunk(), records.get(i).fileOffset(), image, offset + i * ChunkRecord.SIZE);
        }
    }

    /** Writes one record to zero bytes. */
    static void write(Chunk chunk, long fileOffset, MemorySegment image, long offset) {
        ChunkRecord.encode(
                image.asSlice(offset, ChunkRecord.SIZE),
                chunk.digest(),
                chunk.blob().index(),
                chunk.flags(),
                chunk.compressedSize(),
                chunk.uncompressedSize(),
                chunk.compressedOffset(),
                chunk.uncompressedOffset(),
                fileOffset,
                chunk.index(),
                chunk.crc32c());
    }
}
