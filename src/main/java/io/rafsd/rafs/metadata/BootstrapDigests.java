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
import org.jspecify.annotations.Nullable;

/**
 * Finds the digest of a chunk in the bootstrap's chunk table, which is sorted by digest: eight bytes a record hold its
 * chunk and its number, sorted by chunk. Memory is taken for the records that are there, never for the chunks that the
 * blob table claims: those may be 2^24 for each blob of a bootstrap of a few kilobytes.
 */
final class BootstrapDigests {

    /** A key is, from the top: blob, 8 bits; chunk, 24 bits; number of the record, 26 bits. */
    private static final int RECORD_BITS = 26;

    private static final int CHUNK_BITS = 24;
    private static final long RECORD_MASK = (1L << RECORD_BITS) - 1;

    private final MemorySegment table;
    private final long[] keys;

    private BootstrapDigests(MemorySegment table, long[] keys) {
        this.table = table;
        this.keys = keys;
    }

    /** Reads a table whose place and the blobs' number {@link TablesV6#check} has found good. */
    static BootstrapDigests read(MemorySegment image, ExtendedSuperblock extended, List<BlobInfo> blobs)
            throws InvalidImage {
        MemorySegment table = extended.chunkTableSize() == 0
                ? image.asSlice(0, 0)
                : image.asSlice(extended.chunkTableOffset(), extended.chunkTableSize());
        long[] keys = new long[(int) (table.byteSize() / ChunkRecord.SIZE)];
        for (int i = 0; i < keys.length; i++) {
            ChunkRecord record = ChunkRecord.at(table, i * ChunkRecord.SIZE);
            int blob = record.blobIndex();
            int chunk = record.index();
            if (blob < 0
                    || blob >= blobs.size()
                    || chunk < 0
                    || chunk >= blobs.get(blob).chunkCount()) {
                throw new InvalidImage("chunk record " + i + " names chunk " + chunk + " of blob " + blob
                        + ", which the image has not");
            }
            keys[i] = firstKey(blob, chunk) | i;
        }
        Arrays.sort(keys);
        return new BootstrapDigests(table, keys);
    }

    ChunkDigests ofBlob(int blob) {
        return chunk -> find(blob, chunk);
    }

    private @Nullable Digest find(int blob, int chunk) {
        ChunkRecord record = record(blob, chunk);
        return record == null ? null : record.digest();
    }

    /** The last record of the chunk, or null. */
    @Nullable
    ChunkRecord record(int blob, int chunk) {
        long key = firstKey(blob, chunk) | RECORD_MASK;
        int place = Arrays.binarySearch(keys, key);
        int at = place >= 0 ? place : -place - 2;
        return at >= 0 && keys[at] >>> RECORD_BITS == key >>> RECORD_BITS
                ? new ChunkRecord(table.asSlice((keys[at] & RECORD_MASK) * ChunkRecord.SIZE, ChunkRecord.SIZE))
                : null;
    }

    private static long firstKey(int blob, int chunk) {
        return ((long) blob << CHUNK_BITS | chunk) << RECORD_BITS;
    }
}
