package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.AesXts;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The chunk table of one blob, checked and unpacked to arrays: 25 bytes a chunk, and 8 more where chunks are stored
 * together. Safe for many threads.
 */
public final class BlobMeta implements ChunkTable {

    private static final int ALIGNMENT = 4096;
    private static final int NOT_READ = BlobFeatures.TARFS | BlobFeatures.EXTERNAL;
    /** Flags of a chunk that is stored together with others. */
    private static final int TOGETHER = ChunkEntry.ZRAN | ChunkEntry.BATCH;

    private final BlobInfo blob;
    private final Contexts contexts;
    private final long[] compressedOffset;
    private final long[] uncompressedOffset;
    private final int[] compressedSize;
    private final int[] uncompressedSize;
    private final byte[] flags;
    /** Of each chunk, if there are contexts. */
    private final int[] context;

    private final int[] offsetInContext;
    /** Of each context. */
    private final int[] firstChunk;

    private final int[] lastChunk;

    private BlobMeta(BlobInfo blob, Contexts contexts) {
        int chunks = blob.chunkCount();
        this.blob = blob;
        this.contexts = contexts;
        compressedOffset = new long[chunks];
        uncompressedOffset = new long[chunks];
        compressedSize = new int[chunks];
        uncompressedSize = new int[chunks];
        flags = new byte[chunks];
        context = new int[contexts.count() == 0 ? 0 : chunks];
        offsetInContext = new int[context.length];
        firstChunk = new int[contexts.count()];
        lastChunk = new int[contexts.count()];
        Arrays.fill(lastChunk, -1);
    }

    /** @throws Unsupported if the blob has a kind of chunk that is not read, by name */
    public static void requireSupported(BlobInfo blob) throws Unsupported {
        if (blob.has(NOT_READ)) {
            throw new Unsupported("blob " + blob.id() + " holds "
                    + (blob.has(BlobFeatures.TARFS) ? "a tarfs image" : "the data of an external backend")
                    + ", which this version does not read; convert the image without that feature");
        }
    }

    /** As the other, of a table that is there as a whole. */
    static BlobMeta decode(BlobInfo blob, ChunkTableHeader header, MemorySegment table)
            throws InvalidImage, Unsupported {
        return decode(blob, header, table, null);
    }

    /**
     * Unpacks the uncompressed table and checks every rule of it.
     *
     * @param dictionaries of a gzip file's windows; null if they are in the table
     * @throws InvalidImage with the chunk and the rule
     */
    static BlobMeta decode(
            BlobInfo blob, ChunkTableHeader header, MemorySegment table, @Nullable Dictionaries dictionaries)
            throws InvalidImage, Unsupported {
        requireSupported(blob);
        boolean v2 = blob.has(BlobFeatures.CHUNK_INFO_V2);
        int count = blob.chunkCount();
        long wanted = (long) count * (v2 ? ChunkEntry.SIZE_V2 : ChunkEntry.SIZE_V1);
        boolean more = v2 && blob.has(BlobFeatures.ZRAN | BlobFeatures.BATCH);
        if (table.byteSize() < wanted || table.byteSize() > wanted && !more) {
            throw new InvalidImage("blob " + blob.id() + ": the chunk table has " + table.byteSize() + " bytes, "
                    + count + " chunks need " + wanted);
        }
        BlobMeta meta = new BlobMeta(blob, Contexts.decode(blob, header, table, dictionaries));
        long end = 0;
        for (int i = 0; i < count; i++) {
            ChunkEntry entry = v2 ? ChunkEntry.decodeV2(table, i) : ChunkEntry.decodeV1(table, i);
            meta.put(i, entry, end);
            end = entry.uncompressedOffset() + entry.uncompressedSize();
        }
        return meta;
    }

    private void put(int i, ChunkEntry entry, long end) throws InvalidImage {
        require(i, entry.uncompressedOffset() % ALIGNMENT == 0, "its uncompressed offset is not aligned");
        require(i, entry.uncompressedOffset() >= end, "it overlaps the chunk before it");
        require(i, entry.uncompressedSize() <= blob.chunkSize(), "it is larger than the chunk size");
        require(
                i,
                entry.uncompressedOffset() + entry.uncompressedSize() <= blob.uncompressedSize(),
                "it ends behind the blob's uncompressed size " + blob.uncompressedSize());
        require(
                i,
                (entry.flags() & ChunkEntry.ENCRYPTED) == 0 || blob.cipher() != null,
                "it is encrypted, but the image has no key for its blob");
        compressedOffset[i] = entry.compressedOffset();
        compressedSize[i] = entry.compressedSize();
        uncompressedOffset[i] = entry.uncompressedOffset();
        uncompressedSize[i] = entry.uncompressedSize();
        flags[i] = (byte) entry.flags();
        if ((entry.flags() & TOGETHER) == 0) {
            checkStored(i, entry);
        } else {
            putTogether(i, entry);
        }
        StoredUnit unit = unit(i);
        require(
                i,
                unit.offset() >= 0 && unit.end() <= blob.compressedSize(),
                unit.storedSize() + " bytes at " + unit.offset() + " end behind the blob's size "
                        + blob.compressedSize());
    }

    private void checkStored(int i, ChunkEntry entry) throws InvalidImage {
        require(i, entry.compressedSize() > 0, "it has no stored bytes");
        boolean compressed = (entry.flags() & ChunkEntry.COMPRESSED) != 0;
        int stored = (entry.flags() & ChunkEntry.ENCRYPTED) == 0
                ? entry.uncompressedSize()
                : AesXts.encryptedSize(entry.uncompressedSize());
        require(i, compressed || entry.compressedSize() == stored, "it is stored uncompressed but with another size");
    }

    private void putTogether(int i, ChunkEntry entry) throws InvalidImage {
        int number = entry.context();
        require(
                i,
                number >= 0 && number < contexts.count(),
                "it lies in context " + number + " of " + contexts.count());
        require(
                i,
                entry.offsetInContext() >= 0
                        && entry.offsetInContext() <= contexts.size(number) - entry.uncompressedSize(),
                "it does not lie in its context, which has " + contexts.size(number) + " bytes");
        boolean follows = i > 0 && isTogether(i - 1) && context[i - 1] == number;
        if (follows) {
            require(
                    i,
                    contexts.offset(number, entry.compressedOffset())
                            == contexts.offset(number, compressedOffset[i - 1]),
                    "it lies in the batch of the chunk before it, but elsewhere");
        } else {
            require(
                    i,
                    lastChunk[number] < 0,
                    "it lies in context " + number + ", whose chunks do not follow one another");
            firstChunk[number] = i;
        }
        lastChunk[number] = i;
        context[i] = number;
        offsetInContext[i] = entry.offsetInContext();
    }

    private boolean isTogether(int chunk) {
        return (flags[chunk] & TOGETHER) != 0;
    }

    private void require(int chunk, boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("blob " + blob.id() + ", chunk " + chunk + " of the chunk table: " + text);
        }
    }

    @Override
    public int chunkCount() {
        return flags.length;
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
    public StoredUnit unit(int chunk) {
        if (isTogether(chunk)) {
            int number = context[chunk];
            return new StoredUnit(
                    firstChunk[number],
                    lastChunk[number],
                    contexts.offset(number, compressedOffset[chunk]),
                    contexts.storedSize(number),
                    contexts.size(number),
                    contexts.encoding(number));
        }
        return new StoredUnit(
                chunk,
                chunk,
                compressedOffset[chunk],
                compressedSize[chunk],
                uncompressedSize[chunk],
                Encodings.of(
                        blob, (flags[chunk] & ChunkEntry.COMPRESSED) != 0, (flags[chunk] & ChunkEntry.ENCRYPTED) != 0));
    }

    @Override
    public int offsetInUnit(int chunk) {
        return isTogether(chunk) ? offsetInContext[chunk] : 0;
    }
}
