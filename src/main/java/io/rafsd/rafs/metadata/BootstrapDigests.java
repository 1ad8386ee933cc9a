package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the digest of a chunk in the bootstrap's chunk table, which is sorted by digest: four bytes a chunk hold the
 * number of its record.
 */
final class BootstrapDigests {

    private static final int NONE = -1;

    private final MemorySegment table;
    private final int[][] recordOfChunk;

    private BootstrapDigests(MemorySegment table, int[][] recordOfChunk) {
        this.table = table;
        this.recordOfChunk = recordOfChunk;
    }

    static BootstrapDigests read(MemorySegment image, ExtendedSuperblock extended, List<BlobInfo> blobs)
            throws InvalidImage {
        int[][] records = new int[blobs.size()][];
        for (int blob = 0; blob < records.length; blob++) {
            records[blob] = new int[blobs.get(blob).chunkCount()];
            Arrays.fill(records[blob], NONE);
        }
        MemorySegment table = extended.chunkTableSize() == 0
                ? image.asSlice(0, 0)
                : image.asSlice(extended.chunkTableOffset(), extended.chunkTableSize());
        int count = (int) (table.byteSize() / ChunkRecord.SIZE);
        for (int i = 0; i < count; i++) {
            ChunkRecord record = ChunkRecord.at(table, i * ChunkRecord.SIZE);
            int blob = record.blobIndex();
            int chunk = record.index();
            if (blob < 0 || blob >= records.length || chunk < 0 || chunk >= records[blob].length) {
                throw new InvalidImage("chunk record " + i + " names chunk " + chunk + " of blob " + blob
                        + ", which the image has not");
            }
            records[blob][chunk] = i;
        }
        return new BootstrapDigests(table, records);
    }

    ChunkDigests ofBlob(int blob) {
        int[] records = recordOfChunk[blob];
        return chunk -> records[chunk] == NONE ? null : Digest.at(table, records[chunk] * ChunkRecord.SIZE);
    }
}
