package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.v5.Inode;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Superblock;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * One look over all inodes of a RAFS v5 bootstrap, whose chunks are listed with them and nowhere else. What it takes is
 * bounded by the bootstrap's size: the inodes must lie apart from each other.
 */
final class ChunkScan {

    private final MemorySegment image;
    private final InodeTable inodes;
    private final List<BlobInfo> blobs;
    /** Chunk records of each blob, offsets in units of 8 bytes. */
    private final int[][] records;

    private final int[] counts;

    private ChunkScan(MemorySegment image, InodeTable inodes, List<BlobInfo> blobs) {
        this.image = image;
        this.inodes = inodes;
        this.blobs = blobs;
        this.records = new int[blobs.size()][16];
        this.counts = new int[blobs.size()];
    }

    /**
     * Finds the chunks of every blob.
     *
     * @param blobs as the tables have them; of those that number no chunks, chunk count and sizes are replaced
     */
    static ListedChunks[] run(MemorySegment image, InodeTable inodes, List<BlobInfo> blobs) throws InvalidImage {
        ChunkScan scan = new ChunkScan(image, inodes, blobs);
        scan.inodes();
        ListedChunks[] chunks = new ListedChunks[blobs.size()];
        for (int i = 0; i < chunks.length; i++) {
            chunks[i] = scan.chunks(i);
        }
        return chunks;
    }

    private void inodes() throws InvalidImage {
        long total = 0;
        for (int index = 1; index <= inodes.count(); index++) {
            Inode inode = inode(image, inodes, index);
            total += inode.end() - inode.offset();
            if (total > image.byteSize()) {
                throw new InvalidImage("inode " + index + " at " + inode.offset() + ": the inodes overlap each other");
            }
            if ((inode.mode() & Attributes.TYPE_MASK) == Attributes.REGULAR) {
                for (long i = 0; i < inode.childCount(); i++) {
                    add(inode.chunkOffset(i));
                }
            }
        }
    }

    /** The inode at this index, of which only the bounds are checked. */
    static Inode inode(MemorySegment image, InodeTable inodes, int index) throws InvalidImage {
        long offset = inodes.offset(index);
        if (offset <= Superblock.SIZE) {
            throw new InvalidImage("inode " + index + " at " + offset + " lies in the superblock");
        }
        try {
            return Inode.at(image, offset);
        } catch (InvalidImage e) {
            throw new InvalidImage("inode " + index + " at " + offset + ": " + e.getMessage(), e);
        }
    }

    private void add(long offset) throws InvalidImage {
        ChunkRecord record = ChunkRecord.at(image, offset);
        int blob = record.blobIndex();
        if (blob < 0 || blob >= blobs.size()) {
            throw new InvalidImage("chunk record at " + offset + ": it names blob " + Integer.toUnsignedLong(blob)
                    + " of " + blobs.size());
        }
        int count = blobs.get(blob).chunkCount();
        if (count > 0 && (record.index() < 0 || record.index() >= count)) {
            throw new InvalidImage("chunk record at " + offset + ": it names chunk "
                    + Integer.toUnsignedLong(record.index()) + " of " + count + " in blob " + blob);
        }
        if (counts[blob] == records[blob].length) {
            records[blob] = Arrays.copyOf(records[blob], 2 * counts[blob]);
        }
        records[blob][counts[blob]++] = (int) (offset >>> 3);
    }

    private ListedChunks chunks(int blob) throws InvalidImage {
        int[] sorted = Arrays.copyOf(records[blob], counts[blob]);
        records[blob] = new int[0];
        return blobs.get(blob).chunkCount() > 0 ? numbered(blob, sorted) : unnumbered(blob, sorted);
    }

    private ListedChunks numbered(int blob, int[] found) throws InvalidImage {
        long[] keys = new long[found.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) record(found[i]).index() << 32 | found[i];
        }
        Arrays.sort(keys);
        int[] numbers = new int[keys.length];
        int[] offsets = new int[keys.length];
        int count = 0;
        for (long key : keys) {
            int number = (int) (key >>> 32);
            int offset = (int) key;
            if (count == 0 || numbers[count - 1] != number) {
                numbers[count] = number;
                offsets[count++] = offset;
            } else {
                requireAgreement(offset, offsets[count - 1]);
            }
        }
        return ListedChunks.of(image, blobs.get(blob), Arrays.copyOf(numbers, count), Arrays.copyOf(offsets, count));
    }

    /** Chunks of old images are numbered here, by where they lie. */
    private ListedChunks unnumbered(int blob, int[] found) throws InvalidImage {
        Integer[] byPlace = Arrays.stream(found).boxed().toArray(Integer[]::new);
        Arrays.sort(
                byPlace,
                (a, b) -> Long.compareUnsigned(
                        record(a).uncompressedOffset(), record(b).uncompressedOffset()));
        int[] offsets = new int[found.length];
        int count = 0;
        long stored = 0;
        long plain = 0;
        for (int offset : byPlace) {
            ChunkRecord record = record(offset);
            stored = Math.max(stored, record.compressedOffset() + record.compressedSize());
            plain = Math.max(plain, record.uncompressedOffset() + record.uncompressedSize());
            if (count == 0 || record(offsets[count - 1]).uncompressedOffset() != record.uncompressedOffset()) {
                offsets[count++] = offset;
            } else {
                requireAgreement(offset, offsets[count - 1]);
            }
        }
        blobs.set(blob, completed(blobs.get(blob), count, stored, plain));
        int[] numbers = new int[count];
        Arrays.setAll(numbers, i -> i);
        return ListedChunks.of(image, blobs.get(blob), numbers, Arrays.copyOf(offsets, count));
    }

    private static BlobInfo completed(BlobInfo blob, int chunks, long stored, long plain) throws InvalidImage {
        if (chunks > 1 << 24) {
            throw new InvalidImage("blob " + blob.index() + " of the blob table has more than 2^24 chunks");
        }
        return new BlobInfo(
                blob.id(),
                blob.index(),
                blob.chunkSize(),
                chunks,
                blob.compressor(),
                blob.digester(),
                blob.features(),
                Math.max(stored, blob.compressedSize()),
                Math.max(plain, blob.uncompressedSize()),
                blob.chunkTable(),
                0,
                null);
    }

    private void requireAgreement(int offset, int known) throws InvalidImage {
        if (!ListedChunks.agree(record(offset), record(known))) {
            throw new InvalidImage("chunk record at " + ((long) offset << 3)
                    + ": it describes the same chunk as the one at " + ((long) known << 3) + ", but otherwise");
        }
    }

    private ChunkRecord record(int offset) {
        return new ChunkRecord(image.asSlice((long) offset << 3, ChunkRecord.SIZE));
    }
}
