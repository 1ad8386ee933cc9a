package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;

/**
 * One block of directory entries: 12-byte entries {@code u64 nid, u16 name offset, u8 type, u8 0}, then their names packed
 * without terminators. A view, valid as long as the bootstrap is.
 *
 * @param block its bytes, at most one block
 * @param count entries in it
 * @see <a href="https://docs.kernel.org/filesystems/erofs.html">EROFS on-disk format</a>
 */
public record Dirents(MemorySegment block, int count) {

    /** Bytes of an entry without its name. */
    public static final int ENTRY_SIZE = 12;

    private static final int MAX_NAME = 255;

    /** Entry types by their number: the type bits of a mode. */
    private static final int[] MODE_OF_TYPE = {0, 0x8000, 0x4000, 0x2000, 0x6000, 0x1000, 0xC000, 0xA000};

    /** @throws InvalidImage if the number of entries does not fit the block */
    public static Dirents of(MemorySegment block) throws InvalidImage {
        if (block.byteSize() < ENTRY_SIZE) {
            throw new InvalidImage("directory block of " + block.byteSize() + " bytes has no room for an entry");
        }
        int first = Fields.unsigned(block.get(U16, 8));
        if (first < ENTRY_SIZE || first % ENTRY_SIZE != 0 || first > block.byteSize()) {
            throw new InvalidImage("directory block: first name offset " + first + " is no multiple of " + ENTRY_SIZE
                    + " inside the block of " + block.byteSize() + " bytes");
        }
        return new Dirents(block, first / ENTRY_SIZE);
    }

    public long nid(int index) {
        return block.get(U64, (long) index * ENTRY_SIZE);
    }

    /** Type bits of the entry's mode; 0 if its type is unknown. */
    public int type(int index) {
        int type = Fields.unsigned(block.get(U8, (long) index * ENTRY_SIZE + 10));
        return type < MODE_OF_TYPE.length ? MODE_OF_TYPE[type] : 0;
    }

    /** The name of an entry, raw bytes. */
    public MemorySegment name(int index) throws InvalidImage {
        long start = nameOffset(index);
        long end = nameEnd(index, start);
        return block.asSlice(start, end - start);
    }

    /**
     * Checks the name of an entry: 1 to 255 bytes, none of them {@code /} or NUL.
     *
     * @throws InvalidImage with the entry and what its name is instead
     */
    public void checkName(int index) throws InvalidImage {
        MemorySegment name = name(index);
        if (name.byteSize() < 1 || name.byteSize() > MAX_NAME) {
            throw new InvalidImage("directory entry " + index + ": a name of " + name.byteSize() + " bytes; 1 to "
                    + MAX_NAME + " are allowed");
        }
        for (long i = 0; i < name.byteSize(); i++) {
            byte b = name.get(U8, i);
            if (b == 0 || b == '/') {
                throw new InvalidImage(
                        "directory entry " + index + ": byte " + i + " of its name is " + (b == 0 ? "NUL" : "'/'"));
            }
        }
    }

    /** Compares {@code wanted} with an entry's name, byte by byte unsigned, without making a view. */
    public int compare(MemorySegment wanted, int index) throws InvalidImage {
        long start = nameOffset(index);
        long length = nameEnd(index, start) - start;
        long common = Math.min(length, wanted.byteSize());
        long mismatch = MemorySegment.mismatch(wanted, 0, common, block, start, start + common);
        if (mismatch < 0) {
            return Long.compare(wanted.byteSize(), length);
        }
        return Integer.compare(
                Fields.unsigned(wanted.get(U8, mismatch)), Fields.unsigned(block.get(U8, start + mismatch)));
    }

    /** Writes an entry as number {@code index} of a block, its name at {@code nameOffset}. */
    public static void encode(MemorySegment block, int index, long nid, int mode, byte[] name, int nameOffset) {
        long at = (long) index * ENTRY_SIZE;
        block.set(U64, at, nid);
        block.set(U16, at + 8, (short) nameOffset);
        block.set(U8, at + 10, (byte) typeOf(mode));
        MemorySegment.copy(name, 0, block, U8, nameOffset, name.length);
    }

    private static int typeOf(int mode) {
        for (int type = 1; type < MODE_OF_TYPE.length; type++) {
            if (MODE_OF_TYPE[type] == (mode & 0xF000)) {
                return type;
            }
        }
        throw new IllegalArgumentException("mode 0" + Integer.toOctalString(mode) + " has no directory entry type");
    }

    private long nameOffset(int index) throws InvalidImage {
        int offset = Fields.unsigned(block.get(U16, (long) index * ENTRY_SIZE + 8));
        if (offset < count * ENTRY_SIZE || offset > block.byteSize()) {
            throw new InvalidImage("directory entry " + index + ": name offset " + offset + " lies outside its block");
        }
        return offset;
    }

    private long nameEnd(int index, long start) throws InvalidImage {
        if (index + 1 < count) {
            long next = nameOffset(index + 1);
            if (next < start) {
                throw new InvalidImage("directory entry " + index + ": name offsets do not ascend");
            }
            return next;
        }
        // The last name ends at the first NUL or with the block.
        long end = start;
        while (end < block.byteSize() && block.get(U8, end) != 0) {
            end++;
        }
        return end;
    }
}
