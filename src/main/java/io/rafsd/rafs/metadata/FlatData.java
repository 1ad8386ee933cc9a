package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.Inode;
import java.lang.foreign.MemorySegment;

/**
 * The data of a directory or link: blocks at a block address, of which the last may lie behind the inode instead.
 *
 * @param image the whole bootstrap
 * @param inode whose data it is
 * @param blockBits log2 of the block size
 */
record FlatData(MemorySegment image, Inode inode, int blockBits) {

    /** @throws InvalidImage if the size is one that no data in this bootstrap can have */
    long blocks() throws InvalidImage {
        long size = inode.size();
        if (size < 0 || size > image.byteSize()) {
            throw new InvalidImage("inode at " + inode.offset() + ": " + Long.toUnsignedString(size)
                    + " bytes of directory or link do not fit the bootstrap of " + image.byteSize());
        }
        return (size + (1L << blockBits) - 1) >>> blockBits;
    }

    /** One block of the data; the last one may be shorter. */
    MemorySegment block(long number) throws InvalidImage {
        long start = number << blockBits;
        long length = Math.min(1L << blockBits, inode.size() - start);
        boolean last = start + length == inode.size();
        return switch (inode.layout()) {
            case Inode.FLAT_INLINE -> last ? slice(inode.bodyOffset(), length) : slice(address() + start, length);
            case Inode.FLAT_PLAIN -> slice(address() + start, length);
            default ->
                throw new InvalidImage("inode at " + inode.offset() + ": layout " + inode.layout()
                        + " is not one of a directory or link");
        };
    }

    private long address() {
        return Fields.unsigned(inode.union()) << blockBits;
    }

    private MemorySegment slice(long offset, long length) throws InvalidImage {
        return Fields.slice(image, offset, length, "directory or link data");
    }
}
