package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;

/**
 * The EROFS superblock of a RAFS v6 bootstrap: 128 bytes at 1024.
 *
 * @param blockBits log2 of the block size: 12, or 9 in tarfs images
 * @param rootNid node number of the root directory
 * @param inodes directory entries of the image plus one
 * @param blocks of all devices
 * @param metaBlock block address of the metadata area
 * @param devices number of blobs
 * @see <a href="https://docs.kernel.org/filesystems/erofs.html">EROFS on-disk format</a>
 */
public record Superblock(int blockBits, int rootNid, long inodes, long blocks, long metaBlock, int devices) {

    public static final long OFFSET = 1024;
    public static final long SIZE = 128;
    static final long MAGIC = 0xE0F5_E1E2L;
    /** Compatible feature that marks an EROFS image as RAFS v6. */
    private static final int RAFS_V6 = 0x4000_0000;
    /** Chunked files and a device table: what every RAFS v6 image has, and nothing else. */
    private static final int INCOMPATIBLE = 0xC;
    /** Device table offset in units of a slot. */
    private static final int DEVICE_SLOT = (int) (DeviceSlot.OFFSET / DeviceSlot.SIZE);

    /** Whether the bytes look like an EROFS image, of whichever kind. */
    public static boolean isErofs(MemorySegment image) {
        return image.byteSize() >= OFFSET + SIZE && Fields.unsigned(image.get(U32, OFFSET)) == MAGIC;
    }

    /**
     * Reads and checks it.
     *
     * @throws Unsupported for EROFS images that are not RAFS v6
     */
    public static Superblock decode(MemorySegment image) throws InvalidImage, Unsupported {
        MemorySegment s = Fields.slice(image, OFFSET, SIZE, "superblock");
        if (Fields.unsigned(s.get(U32, 0)) != MAGIC) {
            throw new InvalidImage("no EROFS magic at " + OFFSET);
        }
        if ((s.get(U32, 8) & RAFS_V6) == 0) {
            throw new Unsupported("this is an EROFS image without the mark of RAFS v6: a plain EROFS image, or nydus"
                    + " fs-version 7, which rafsd does not read; convert the image with fs-version 6");
        }
        require(s.get(U32, 4) == 0, "checksum must be 0");
        int blockBits = Fields.unsigned(s.get(U8, 12));
        require(blockBits == 12 || blockBits == 9, "block size must be 2^12 or 2^9, not 2^" + blockBits);
        require(s.get(U8, 13) == 0, "extension slots must be 0");
        require(s.get(U32, 44) == 0, "shared xattrs are not part of RAFS");
        require(
                s.get(U32, 80) == INCOMPATIBLE,
                "incompatible features must be 0xc, not 0x" + Integer.toHexString(s.get(U32, 80)));
        require(Fields.unsigned(s.get(U16, 88)) == DEVICE_SLOT, "device table must start at slot " + DEVICE_SLOT);
        return new Superblock(
                blockBits,
                Fields.unsigned(s.get(U16, 14)),
                s.get(U64, 16),
                Fields.unsigned(s.get(U32, 36)),
                Fields.unsigned(s.get(U32, 40)),
                Fields.unsigned(s.get(U16, 86)));
    }

    /** Writes it to {@code image}, whose bytes there are zero. */
    public void encode(MemorySegment image) {
        MemorySegment s = image.asSlice(OFFSET, SIZE);
        s.set(U32, 0, (int) MAGIC);
        s.set(U32, 8, RAFS_V6);
        s.set(U8, 12, (byte) blockBits);
        s.set(U16, 14, (short) rootNid);
        s.set(U64, 16, inodes);
        s.set(U32, 36, (int) blocks);
        s.set(U32, 40, (int) metaBlock);
        s.set(U32, 80, INCOMPATIBLE);
        s.set(U16, 86, (short) devices);
        s.set(U16, 88, (short) DEVICE_SLOT);
    }

    private static void require(boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("superblock at " + OFFSET + ": " + text);
        }
    }
}
