package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.Encoding;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Digest;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.ChunkRecord;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The chunks of one blob that a RAFS v5 bootstrap lists with its inodes: eight bytes a chunk that is listed lead to its
 * record. A blob may have more chunks, which the image does not use.
 */
final class ListedChunks implements ChunkTable {

    private static final Encoding RAW = new Encoding.Raw();
    /** Stored bytes of a chunk, which may be compressed but is stored as it is where that does not help. */
    private static final int MAX_STORED = 32 << 20;

    private static final int KNOWN_FLAGS = ChunkRecord.COMPRESSED | ChunkRecord.HAS_CRC32C;

    private final MemorySegment image;
    private final BlobInfo blob;
    private final Encoding compressed;
    /** Ascending; chunk {@code numbers[i]} is described at {@code offsets[i]}, in units of 8 bytes. */
    private final int[] numbers;

    private final int[] offsets;

    private ListedChunks(MemorySegment image, BlobInfo blob, int[] numbers, int[] offsets) {
        this.image = image;
        this.blob = blob;
        this.compressed = new Encoding.Compressed(blob.compressor());
        this.numbers = numbers;
        this.offsets = offsets;
    }

    /**
     * Checks the records of the chunks, one for each.
     *
     * @throws InvalidImage with the record and the rule that it breaks
     */
    static ListedChunks of(MemorySegment image, BlobInfo blob, int[] numbers, int[] offsets) throws InvalidImage {
        ListedChunks chunks = new ListedChunks(image, blob, numbers, offsets);
        long end = 0;
        for (int i = 0; i < numbers.length; i++) {
            ChunkRecord record = chunks.record(i);
            chunks.check(record, offsets[i], end);
            end = record.uncompressedOffset() + record.uncompressedSize();
        }
        return chunks;
    }

    private void check(ChunkRecord record, int offset, long end) throws InvalidImage {
        int size = record.uncompressedSize();
        int stored = record.compressedSize();
        require(
                offset,
                (record.flags() & ~KNOWN_FLAGS) == 0,
                "flags 0x" + Integer.toHexString(record.flags()) + " are not those of a chunk of RAFS v5");
        require(offset, size > 0 && size <= blob.chunkSize(), size + " bytes are no chunk of " + blob.chunkSize());
        require(offset, stored > 0 && stored <= MAX_STORED, stored + " stored bytes are no chunk's");
        require(
                offset,
                (record.flags() & ChunkRecord.COMPRESSED) != 0 || stored == size,
                "it is stored uncompressed but with another size");
        require(
                offset,
                record.compressedOffset() >= 0 && record.compressedOffset() <= blob.compressedSize() - stored,
                "it ends behind the blob's size " + blob.compressedSize());
        require(offset, record.uncompressedOffset() >= end, "it overlaps the chunk before it in the blob");
        require(
                offset,
                record.uncompressedOffset() <= blob.uncompressedSize() - size,
                "it ends behind the blob's uncompressed size " + blob.uncompressedSize());
    }

    private void require(int offset, boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("chunk record at " + ((long) offset << 3) + ", of blob " + blob.id() + ": " + text);
        }
    }

    ChunkDigests digests() {
        return chunk -> {
            int place = place(chunk);
            return place < 0 ? null : record(place).digest();
        };
    }

    /** The number of the chunk at this uncompressed offset, where the image does not number its chunks. */
    int numberAt(long uncompressedOffset) {
        int low = 0;
        int high = numbers.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (record(middle).uncompressedOffset() < uncompressedOffset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return numbers[low];
    }

    /** Where a chunk stands in the arrays; negative if it is not listed. Most images list all. */
    private int place(int chunk) {
        return chunk >= 0 && chunk < numbers.length && numbers[chunk] == chunk
                ? chunk
                : Arrays.binarySearch(numbers, chunk);
    }

    private ChunkRecord record(int place) {
        return new ChunkRecord(image.asSlice((long) offsets[place] << 3, ChunkRecord.SIZE));
    }

    @Override
    public int chunkCount() {
        return blob.chunkCount();
    }

    @Override
    public long uncompressedOffset(int chunk) {
        int place = place(chunk);
        return place < 0 ? 0 : record(place).uncompressedOffset();
    }

    @Override
    public int uncompressedSize(int chunk) {
        int place = place(chunk);
        return place < 0 ? 0 : record(place).uncompressedSize();
    }

    @Override
    public StoredUnit unit(int chunk) {
        int place = place(chunk);
        if (place < 0) {
            return new StoredUnit(chunk, chunk, 0, 0, 0, RAW);
        }
        ChunkRecord record = record(place);
        return new StoredUnit(
                chunk,
                chunk,
                record.compressedOffset(),
                record.compressedSize(),
                record.uncompressedSize(),
                (record.flags() & ChunkRecord.COMPRESSED) != 0 ? compressed : RAW);
    }

    @Override
    public int offsetInUnit(int chunk) {
        return 0;
    }

    /** Whether two records describe the same chunk in the same way; where in a file it is does not count. */
    static boolean agree(ChunkRecord a, ChunkRecord b) {
        Digest digest = a.digest();
        return digest.equals(b.digest())
                && a.compressedOffset() == b.compressedOffset()
                && a.compressedSize() == b.compressedSize()
                && a.uncompressedOffset() == b.uncompressedOffset()
                && a.uncompressedSize() == b.uncompressedSize()
                && a.flags() == b.flags();
    }
}
