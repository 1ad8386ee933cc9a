package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import java.lang.foreign.MemorySegment;

/**
 * The chunk table of one blob, checked and unpacked to arrays: 21 bytes a chunk. Safe for many threads.
 */
public final class BlobMeta implements ChunkTable {

    private static final int ALIGNMENT = 4096;
    private static final int NOT_YET_READ = BlobFeatures.ZRAN
            | BlobFeatures.BATCH
            | BlobFeatures.ENCRYPTED
            | BlobFeatures.TARFS
            | BlobFeatures.SEPARATE;
    private static final int UNREAD_FLAGS = ChunkEntry.ZRAN | ChunkEntry.BATCH | ChunkEntry.ENCRYPTED;

    private final long[] compressedOffset;
    private final long[] uncompressedOffset;
    private final int[] compressedSize;
    private final int[] uncompressedSize;
    private final boolean[] compressed;

    private BlobMeta(int chunks) {
        compressedOffset = new long[chunks];
        uncompressedOffset = new long[chunks];
        compressedSize = new int[chunks];
        uncompressedSize = new int[chunks];
        compressed = new boolean[chunks];
    }

    /** @throws Unsupported if the blob has a kind of chunk that is not read yet, by name */
    public static void requireSupported(BlobInfo blob) throws Unsupported {
        if (blob.has(NOT_YET_READ)) {
            throw new Unsupported("blob " + blob.id() + " holds "
                    + (blob.has(BlobFeatures.ZRAN)
                            ? "a zran index"
                            : blob.has(BlobFeatures.BATCH)
                                    ? "batch chunks"
                                    : blob.has(BlobFeatures.ENCRYPTED)
                                            ? "encrypted chunks"
                                            : blob.has(BlobFeatures.TARFS) ? "a tarfs image" : "chunks of another blob")
                    + ", which this version does not read; convert the image without that feature");
        }
    }

    /**
     * Unpacks the uncompressed table and checks every rule of it.
     *
     * @throws InvalidImage with the chunk and the rule
     */
    static BlobMeta decode(BlobInfo blob, MemorySegment table) throws InvalidImage, Unsupported {
        requireSupported(blob);
        boolean v2 = blob.has(BlobFeatures.CHUNK_INFO_V2);
        int count = blob.chunkCount();
        long wanted = (long) count * (v2 ? ChunkEntry.SIZE_V2 : ChunkEntry.SIZE_V1);
        if (table.byteSize() != wanted) {
            throw new InvalidImage("blob " + blob.id() + ": the chunk table has " + table.byteSize() + " bytes, "
                    + count + " chunks need " + wanted);
        }
        BlobMeta meta = new BlobMeta(count);
        long end = 0;
        for (int i = 0; i < count; i++) {
            ChunkEntry entry = v2 ? ChunkEntry.decodeV2(table, i) : ChunkEntry.decodeV1(table, i);
            meta.put(blob, i, entry, end);
            end = entry.uncompressedOffset() + entry.uncompressedSize();
        }
        return meta;
    }

    private void put(BlobInfo blob, int i, ChunkEntry entry, long end) throws InvalidImage, Unsupported {
        if ((entry.flags() & UNREAD_FLAGS) != 0) {
            throw new Unsupported("blob " + blob.id() + ", chunk " + i + ": flags 0x"
                    + Integer.toHexString(entry.flags()) + " are not read by this version");
        }
        boolean isCompressed = (entry.flags() & ChunkEntry.COMPRESSED) != 0;
        require(blob, i, entry.uncompressedOffset() % ALIGNMENT == 0, "its uncompressed offset is not aligned");
        require(blob, i, entry.uncompressedOffset() >= end, "it overlaps the chunk before it");
        require(blob, i, entry.uncompressedSize() <= blob.chunkSize(), "it is larger than the chunk size");
        require(
                blob,
                i,
                entry.uncompressedOffset() + entry.uncompressedSize() <= blob.uncompressedSize(),
                "it ends behind the blob's uncompressed size " + blob.uncompressedSize());
        require(blob, i, entry.compressedSize() > 0, "it has no stored bytes");
        require(
                blob,
                i,
                entry.compressedOffset() + entry.compressedSize() <= blob.compressedSize(),
                "it ends behind the blob's size " + blob.compressedSize());
        require(
                blob,
                i,
                isCompressed || entry.compressedSize() == entry.uncompressedSize(),
                "it is stored uncompressed but with another size");
        compressedOffset[i] = entry.compressedOffset();
        compressedSize[i] = entry.compressedSize();
        uncompressedOffset[i] = entry.uncompressedOffset();
        uncompressedSize[i] = entry.uncompressedSize();
        compressed[i] = isCompressed;
    }

    private static void require(BlobInfo blob, int chunk, boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("blob " + blob.id() + ", chunk " + chunk + " of the chunk table: " + text);
        }
    }

    @Override
    public int chunkCount() {
        return compressed.length;
    }

    @Override
    public long compressedOffset(int chunk) {
        return compressedOffset[chunk];
    }

    @Override
    public int compressedSize(int chunk) {
        return compressedSize[chunk];
    }

    @Override
    public long uncompressedOffset(int chunk) {
        return uncompressedOffset[chunk];
    }

    @Override
    public int uncompressedSize(int chunk) {
        return uncompressedSize[chunk];
    }

    @Override
    public boolean isCompressed(int chunk) {
        return compressed[chunk];
    }
}
