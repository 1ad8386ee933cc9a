package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U32;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;

/**
 * Where each inode lies: 4 bytes an inode, its offset divided by 8. Inodes are numbered from 1 on. A view, valid as long as
 * the bootstrap is.
 *
 * @param bytes of the table, without its padding to 8
 */
public record InodeTable(MemorySegment bytes) {

    public static final long ENTRY_SIZE = 4;
    private static final int SHIFT = 3;

    public static InodeTable at(MemorySegment image, long offset, long entries) throws InvalidImage {
        return new InodeTable(Fields.slice(image, offset, entries * ENTRY_SIZE, "inode table"));
    }

    /** Inodes in it. */
    public int count() {
        return (int) (bytes.byteSize() / ENTRY_SIZE);
    }

    /** Offset in the bootstrap of the inode with this index, which is 1 to {@link #count}; nothing of it is checked. */
    public long offset(int index) {
        return Fields.unsigned(bytes.get(U32, (index - 1) * ENTRY_SIZE)) << SHIFT;
    }

    /** Says where an inode lies; a multiple of 8. */
    public void encode(int index, long offset) {
        bytes.set(U32, (index - 1) * ENTRY_SIZE, (int) (offset >>> SHIFT));
    }
}
