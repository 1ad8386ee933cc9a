package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;
import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.Xattr;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The xattr table of an inode: its size as {@code u64}, without this and the padding to 8 behind it, then pairs
 * {@code u32 length, name, NUL, value}, of which the length counts all but itself.
 */
public final class Xattrs {

    /** Bytes of the size. */
    public static final long HEADER_SIZE = 8;

    private static final int PAIR_HEAD = 4;
    private static final int MAX_NAME = 255;
    private static final int MAX_VALUE = 1 << 16;

    private Xattrs() {}

    /** @throws InvalidImage if the table at {@code offset} does not lie inside the bootstrap */
    static void checkBounds(MemorySegment image, long offset) throws InvalidImage {
        long pairs =
                Fields.slice(image, offset, HEADER_SIZE, "xattr table size").get(U64, 0);
        // Checked before it is rounded up: sizes near 2^64 would become small.
        Fields.slice(image, offset + HEADER_SIZE, pairs, "xattr table");
    }

    /** Bytes of the table at {@code offset}, size and padding included. */
    static long sizeAt(MemorySegment image, long offset) {
        return HEADER_SIZE + Fields.roundUp(image.get(U64, offset), 8);
    }

    /**
     * Reads the table at {@code offset} of an inode whose bounds have been checked.
     *
     * @throws InvalidImage if a pair runs over it, or has a name or value that no file can have
     */
    public static List<Xattr> decode(MemorySegment image, long offset) throws InvalidImage {
        long end = offset + HEADER_SIZE + image.get(U64, offset);
        List<Xattr> found = new ArrayList<>();
        for (long at = offset + HEADER_SIZE; at < end; ) {
            long length = end - at < PAIR_HEAD ? Long.MAX_VALUE : Fields.unsigned(image.get(U32, at));
            if (length > end - at - PAIR_HEAD) {
                throw new InvalidImage("xattr at " + at + " runs over its table, which ends at " + end);
            }
            found.add(pair(image.asSlice(at + PAIR_HEAD, length), at));
            at += PAIR_HEAD + length;
        }
        return found;
    }

    private static Xattr pair(MemorySegment pair, long at) throws InvalidImage {
        long name = 0;
        while (name < pair.byteSize() && name <= MAX_NAME && pair.get(U8, name) != 0) {
            name++;
        }
        if (name == 0 || name > MAX_NAME || name == pair.byteSize()) {
            throw new InvalidImage("xattr at " + at + ": its name has not 1 to " + MAX_NAME + " bytes before a NUL");
        }
        MemorySegment value = pair.asSlice(name + 1);
        if (value.byteSize() > MAX_VALUE) {
            throw new InvalidImage("xattr at " + at + ": a value of " + value.byteSize() + " bytes is too large");
        }
        return new Xattr(pair.asSlice(0, name), value);
    }

    /** Bytes of the table that holds these, size and padding included; 0 for none. */
    public static long size(List<Xattr> xattrs) {
        return xattrs.isEmpty() ? 0 : HEADER_SIZE + Fields.roundUp(pairsSize(xattrs), 8);
    }

    private static long pairsSize(List<Xattr> xattrs) {
        long size = 0;
        for (Xattr xattr : xattrs) {
            size += PAIR_HEAD + xattr.name().byteSize() + 1 + xattr.value().byteSize();
        }
        return size;
    }

    /** Writes the table of at least one to {@code offset} of {@code image}, whose bytes there are zero. */
    public static void encode(MemorySegment image, long offset, List<Xattr> xattrs) {
        image.set(U64, offset, pairsSize(xattrs));
        long at = offset + HEADER_SIZE;
        for (Xattr xattr : xattrs) {
            long name = xattr.name().byteSize();
            long value = xattr.value().byteSize();
            image.set(U32, at, (int) (name + 1 + value));
            MemorySegment.copy(xattr.name(), 0, image, at + PAIR_HEAD, name);
            MemorySegment.copy(xattr.value(), 0, image, at + PAIR_HEAD + name + 1, value);
            at += PAIR_HEAD + name + 1 + value;
        }
    }
}
