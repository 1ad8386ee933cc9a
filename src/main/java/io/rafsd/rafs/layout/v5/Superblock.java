package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;

import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFacts;
import java.lang.foreign.MemorySegment;

/**
 * The superblock of a RAFS v5 bootstrap: 8192 bytes at 0, all but the first 80 of them zero. All offsets are in bytes from
 * the start of the bootstrap.
 *
 * @param chunkSize bytes, which the format calls block size
 * @param flags see {@link io.rafsd.rafs.layout.SuperblockFlags}
 * @param inodes of the image; a hard link group counts once
 * @param inodeTableOffset multiple of 8
 * @param prefetchTableOffset multiple of 8
 * @param blobTableOffset multiple of 8
 * @param inodeTableEntries one for each name of the image
 * @param prefetchTableEntries inode numbers
 * @param blobTableSize bytes, padding included
 * @param extendedEntries blobs in the extended blob table; 0 in old images
 * @param extendedOffset of the extended blob table; 0 in old images
 * @see <a href="https://github.com/dragonflyoss/nydus/blob/master/rafs/src/metadata/layout/v5.rs">RAFS v5 layout</a>
 */
public record Superblock(
        long chunkSize,
        long flags,
        long inodes,
        long inodeTableOffset,
        long prefetchTableOffset,
        long blobTableOffset,
        long inodeTableEntries,
        long prefetchTableEntries,
        long blobTableSize,
        long extendedEntries,
        long extendedOffset) {

    public static final long SIZE = 8192;
    private static final int MAGIC = 0x5241_4653;
    private static final int VERSION = 0x500;

    /** Whether the bytes begin as a RAFS bootstrap of version 5 or before does. */
    public static boolean isRafs(MemorySegment image) {
        return image.byteSize() >= 4 && image.get(U32, 0) == MAGIC;
    }

    /**
     * Reads it and checks what does not depend on the rest of the image.
     *
     * @throws Unsupported for other versions
     */
    public static Superblock decode(MemorySegment image) throws InvalidImage, Unsupported {
        MemorySegment s = Fields.slice(image, 0, SIZE, "superblock");
        if (s.get(U32, 0) != MAGIC) {
            throw new InvalidImage("superblock at 0: no magic of RAFS v5");
        }
        int version = s.get(U32, 4);
        if (version != VERSION) {
            throw new Unsupported("superblock at 4: RAFS version 0x" + Integer.toHexString(version)
                    + "; only 0x500 has this magic and is read");
        }
        if (s.get(U32, 8) != SIZE) {
            throw new InvalidImage("superblock at 8: its size is " + s.get(U32, 8) + ", not " + SIZE);
        }
        return new Superblock(
                Fields.unsigned(s.get(U32, 12)),
                s.get(U64, 16),
                s.get(U64, 24),
                s.get(U64, 32),
                s.get(U64, 40),
                s.get(U64, 48),
                Fields.unsigned(s.get(U32, 56)),
                Fields.unsigned(s.get(U32, 60)),
                Fields.unsigned(s.get(U32, 64)),
                Fields.unsigned(s.get(U32, 68)),
                s.get(U64, 72));
    }

    public SuperblockFacts facts() {
        return new SuperblockFacts(
                Integer.toUnsignedLong(MAGIC),
                VERSION,
                SIZE,
                1,
                chunkSize,
                inodes,
                flags,
                inodeTableEntries,
                inodeTableOffset,
                blobTableSize,
                blobTableOffset,
                extendedOffset,
                extendedEntries,
                0,
                0,
                prefetchTableOffset,
                prefetchTableEntries,
                0,
                0,
                0,
                0);
    }

    /** Writes it to {@code image}, whose bytes there are zero. */
    public void encode(MemorySegment image) {
        image.set(U32, 0, MAGIC);
        image.set(U32, 4, VERSION);
        image.set(U32, 8, (int) SIZE);
        image.set(U32, 12, (int) chunkSize);
        image.set(U64, 16, flags);
        image.set(U64, 24, inodes);
        image.set(U64, 32, inodeTableOffset);
        image.set(U64, 40, prefetchTableOffset);
        image.set(U64, 48, blobTableOffset);
        image.set(U32, 56, (int) inodeTableEntries);
        image.set(U32, 60, (int) prefetchTableEntries);
        image.set(U32, 64, (int) blobTableSize);
        image.set(U32, 68, (int) extendedEntries);
        image.set(U64, 72, extendedOffset);
    }
}
