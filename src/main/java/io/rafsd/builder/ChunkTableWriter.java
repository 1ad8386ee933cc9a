package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.rafs.layout.ChunkRecord;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Writes the bootstrap's chunk table: a record for each chunk, sorted by digest, with the place of the chunk in the last
 * file that has it (RAFS format, section 2.8).
 */
final class ChunkTableWriter {

    private static final Comparator<Digest> BY_BYTES = (x, y) -> {
        int order = Long.compareUnsigned(x.a(), y.a());
        order = order == 0 ? Long.compareUnsigned(x.b(), y.b()) : order;
        order = order == 0 ? Long.compareUnsigned(x.c(), y.c()) : order;
        return order == 0 ? Long.compareUnsigned(x.d(), y.d()) : order;
    };

    private final SourceTree tree;
    private final BlobContent content;
    private final int chunkSize;

    ChunkTableWriter(SourceTree tree, BlobContent content, int chunkSize) {
        this.tree = tree;
        this.content = content;
        this.chunkSize = chunkSize;
    }

    /** Bytes of the table. */
    long size() {
        return content.chunks().size() * ChunkRecord.SIZE;
    }

    void write(MemorySegment image, long offset) {
        long[] fileOffsets = fileOffsets();
        Integer[] order = new Integer[content.chunks().size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(i -> content.chunks().get(i).digest(), BY_BYTES));
        for (int i = 0; i < order.length; i++) {
            int index = order[i];
            StoredChunk chunk = content.chunks().get(index);
            ChunkRecord.encode(
                    image.asSlice(offset + i * ChunkRecord.SIZE, ChunkRecord.SIZE),
                    chunk.digest(),
                    0,
                    chunk.isCompressed() ? ChunkRecord.COMPRESSED : 0,
                    chunk.compressedSize(),
                    chunk.uncompressedSize(),
                    chunk.compressedOffset(),
                    chunk.uncompressedOffset(),
                    fileOffsets[index],
                    index);
        }
    }

    private long[] fileOffsets() {
        long[] offsets = new long[content.chunks().size()];
        for (Entry entry : tree.entries()) {
            if (entry.status().isRegular()) {
                int[] chunks = content.chunksOf(entry);
                for (int i = 0; i < chunks.length; i++) {
                    offsets[chunks[i]] = (long) i * chunkSize;
                }
            }
        }
        return offsets;
    }
}
