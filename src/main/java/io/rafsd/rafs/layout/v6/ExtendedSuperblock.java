package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFacts;
import java.lang.foreign.MemorySegment;

/**
 * What RAFS v6 adds to the EROFS superblock: 256 bytes at 1152. All offsets are in bytes from the start of the bootstrap.
 *
 * @param flags see {@link io.rafsd.rafs.layout.SuperblockFlags}
 * @param blobTableOffset multiple of 4096
 * @param blobTableSize bytes
 * @param chunkSize bytes
 * @param chunkTableOffset multiple of 4096
 * @param chunkTableSize bytes
 * @param prefetchTableOffset 0 where there is none
 * @param prefetchTableSize bytes
 */
public record ExtendedSuperblock(
        long flags,
        long blobTableOffset,
        long blobTableSize,
        long chunkSize,
        long chunkTableOffset,
        long chunkTableSize,
        long prefetchTableOffset,
        long prefetchTableSize) {

    public static final long OFFSET = Superblock.OFFSET + Superblock.SIZE;
    public static final long SIZE = 256;
    private static final int VERSION = 0x600;

    public static ExtendedSuperblock decode(MemorySegment image) throws InvalidImage {
        MemorySegment s = Fields.slice(image, OFFSET, SIZE, "extended superblock");
        return new ExtendedSuperblock(
                s.get(U64, 0),
                s.get(U64, 8),
                Fields.unsigned(s.get(U32, 16)),
                Fields.unsigned(s.get(U32, 20)),
                s.get(U64, 24),
                s.get(U64, 32),
                s.get(U64, 40),
                Fields.unsigned(s.get(U32, 48)));
    }

    /** With what the EROFS superblock before it says. */
    public SuperblockFacts facts(Superblock erofs) {
        return new SuperblockFacts(
                Superblock.MAGIC,
                VERSION,
                0,
                0,
                chunkSize,
                erofs.inodes(),
                flags,
                0,
                0,
                blobTableSize,
                blobTableOffset,
                0,
                0,
                erofs.devices(),
                DeviceSlot.OFFSET,
                prefetchTableOffset,
                prefetchTableSize / Integer.BYTES,
                erofs.metaBlock(),
                erofs.rootNid(),
                chunkTableOffset,
                chunkTableSize);
    }

    /** Writes it to {@code image}, whose bytes there are zero. */
    public void encode(MemorySegment image) {
        MemorySegment s = image.asSlice(OFFSET, SIZE);
        s.set(U64, 0, flags);
        s.set(U64, 8, blobTableOffset);
        s.set(U32, 16, (int) blobTableSize);
        s.set(U32, 20, (int) chunkSize);
        s.set(U64, 24, chunkTableOffset);
        s.set(U64, 32, chunkTableSize);
        s.set(U64, 40, prefetchTableOffset);
        s.set(U32, 48, (int) prefetchTableSize);
    }
}
