package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;

/**
 * One EROFS inode, compact (32 bytes) or extended (64 bytes); xattrs, then chunk index or inline data, follow it. A view,
 * valid as long as the bootstrap is.
 *
 * @param image the whole bootstrap
 * @param offset of the inode in it
 * @param extended whether it is the 64-byte form
 * @see <a href="https://docs.kernel.org/filesystems/erofs.html">EROFS on-disk format</a>
 */
public record Inode(MemorySegment image, long offset, boolean extended) {

    public static final long COMPACT_SIZE = 32;
    public static final long EXTENDED_SIZE = 64;
    /** Inodes are addressed in units of 32 bytes. */
    public static final long SLOT = 32;

    public static final int FLAT_PLAIN = 0;
    public static final int FLAT_INLINE = 2;
    public static final int CHUNK_BASED = 4;

    /** In a chunk-based file's {@link #union}: entries have 8 bytes. */
    public static final int CHUNK_INDEXES = 0x20;
    /** In a chunk-based file's {@link #union}: log2 of the bytes that the kernel maps at once, less that of a block. */
    public static final int CHUNK_UNIT = 0x1F;

    private static final int EXTENDED = 1;
    private static final int KNOWN_FORMAT_BITS = 0xF;

    /** @throws InvalidImage if it does not lie inside the bootstrap or its format is unknown */
    public static Inode at(MemorySegment image, long offset) throws InvalidImage {
        Fields.slice(image, offset, COMPACT_SIZE, "inode");
        int format = Fields.unsigned(image.get(U16, offset));
        if ((format & ~KNOWN_FORMAT_BITS) != 0) {
            throw new InvalidImage("inode at " + offset + ": format 0x" + Integer.toHexString(format) + " is unknown");
        }
        boolean extended = (format & EXTENDED) != 0;
        if (extended) {
            Fields.slice(image, offset, EXTENDED_SIZE, "inode");
        }
        return new Inode(image, offset, extended);
    }

    /** How the data is laid out. */
    public int layout() {
        return (image.get(U16, offset) >> 1) & 7;
    }

    public int mode() {
        return Fields.unsigned(image.get(U16, offset + 4));
    }

    public int nlink() {
        return extended ? image.get(U32, offset + 44) : Fields.unsigned(image.get(U16, offset + 6));
    }

    public long size() {
        return extended ? image.get(U64, offset + 8) : Fields.unsigned(image.get(U32, offset + 8));
    }

    /** Chunk format of a regular file, block address of a directory's or link's data, device number of a device. */
    public int union() {
        return image.get(U32, offset + 16);
    }

    public int uid() {
        return extended ? image.get(U32, offset + 24) : Fields.unsigned(image.get(U16, offset + 24));
    }

    public int gid() {
        return extended ? image.get(U32, offset + 28) : Fields.unsigned(image.get(U16, offset + 26));
    }

    public long mtimeSeconds() {
        return extended ? image.get(U64, offset + 32) : 0;
    }

    public int mtimeNanos() {
        return extended ? image.get(U32, offset + 40) : 0;
    }

    /** Bytes of the xattr area that follows the inode. */
    public long xattrSize() {
        int count = Fields.unsigned(image.get(U16, offset + 2));
        return count == 0 ? 0 : Xattrs.HEADER_SIZE + (count - 1L) * 4;
    }

    /** Where the xattr area begins. */
    public long xattrOffset() {
        return offset + (extended ? EXTENDED_SIZE : COMPACT_SIZE);
    }

    /** Where what follows inode and xattrs begins. */
    public long bodyOffset() {
        return xattrOffset() + xattrSize();
    }

    /** Where a regular file's chunk index begins. */
    public long chunkIndexOffset() {
        return Fields.roundUp(bodyOffset(), 8);
    }

    /**
     * Writes an extended inode at {@code offset} of {@code image}, whose bytes there are zero.
     *
     * @param xattrSize bytes of the xattr area, 0 if there is none
     */
    public static void encode(
            MemorySegment image,
            long offset,
            int layout,
            long xattrSize,
            int mode,
            long size,
            int union,
            int ino,
            int uid,
            int gid,
            long mtimeSeconds,
            int mtimeNanos,
            int nlink) {
        image.set(U16, offset, (short) (layout << 1 | EXTENDED));
        image.set(U16, offset + 2, (short) (xattrSize == 0 ? 0 : (xattrSize - Xattrs.HEADER_SIZE) / 4 + 1));
        image.set(U16, offset + 4, (short) mode);
        image.set(U64, offset + 8, size);
        image.set(U32, offset + 16, union);
        image.set(U32, offset + 20, ino);
        image.set(U32, offset + 24, uid);
        image.set(U32, offset + 28, gid);
        image.set(U64, offset + 32, mtimeSeconds);
        image.set(U32, offset + 40, mtimeNanos);
        image.set(U32, offset + 44, nlink);
    }
}
