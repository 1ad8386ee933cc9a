package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U16;
import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.Xattr;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The inline xattrs of an inode: a 12-byte header, then entries {@code u8 name length, u8 prefix, u16 value size, name
 * without prefix, value}, each padded to 4.
 */
public final class Xattrs {

    public static final int HEADER_SIZE = 12;
    private static final int ENTRY_SIZE = 4;
    private static final int MAX_NAME = 255;

    /** Prefix by its number; the posix ACL names are all prefix. */
    private static final String[] PREFIXES = {
        "", "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", "", "security."
    };

    private Xattrs() {}

    /**
     * Reads the area of {@code size} bytes at {@code offset}.
     *
     * @throws InvalidImage if an entry runs over it, or has a name that no file can have
     */
    public static List<Xattr> decode(MemorySegment image, long offset, long size) throws InvalidImage {
        MemorySegment area = Fields.slice(image, offset, size, "xattr area");
        if (size < HEADER_SIZE || area.get(U8, 4) != 0) {
            throw new InvalidImage("xattr area at " + offset + ": shared xattrs are not part of RAFS");
        }
        List<Xattr> found = new ArrayList<>();
        long at = HEADER_SIZE;
        while (at + ENTRY_SIZE <= size) {
            int nameLength = Fields.unsigned(area.get(U8, at));
            int prefix = Fields.unsigned(area.get(U8, at + 1));
            int valueSize = Fields.unsigned(area.get(U16, at + 2));
            if (nameLength == 0 && prefix == 0 && valueSize == 0) {
                break;
            }
            if (prefix == 0 || prefix >= PREFIXES.length || PREFIXES[prefix].isEmpty()) {
                throw new InvalidImage("xattr at " + (offset + at) + ": prefix " + prefix + " is unknown");
            }
            if (at + ENTRY_SIZE + nameLength + valueSize > size) {
                throw new InvalidImage("xattr at " + (offset + at) + " runs over its area of " + size + " bytes");
            }
            boolean whole = isWhole(prefix);
            if (whole ? nameLength != 0 : nameLength == 0 || nameLength + PREFIXES[prefix].length() > MAX_NAME) {
                throw new InvalidImage("xattr at " + (offset + at) + ": " + nameLength
                        + " bytes cannot follow the prefix " + PREFIXES[prefix]);
            }
            byte[] lead = PREFIXES[prefix].getBytes(StandardCharsets.US_ASCII);
            byte[] name = Arrays.copyOf(lead, lead.length + nameLength);
            MemorySegment.copy(area, U8, at + ENTRY_SIZE, name, lead.length, nameLength);
            for (byte b : name) {
                if (b == 0) {
                    throw new InvalidImage("xattr at " + (offset + at) + ": its name holds a NUL");
                }
            }
            found.add(new Xattr(MemorySegment.ofArray(name), area.asSlice(at + ENTRY_SIZE + nameLength, valueSize)));
            at += Fields.roundUp(ENTRY_SIZE + nameLength + valueSize, 4);
        }
        return found;
    }

    /** Bytes of the area that holds these; 0 for none. */
    public static long size(List<Xattr> xattrs) {
        if (xattrs.isEmpty()) {
            return 0;
        }
        long size = HEADER_SIZE;
        for (Xattr xattr : xattrs) {
            size += entrySize(xattr);
        }
        return size;
    }

    /** Writes the area at {@code offset} of {@code image}, whose bytes there are zero. */
    public static void encode(MemorySegment image, long offset, List<Xattr> xattrs) {
        long at = offset + HEADER_SIZE;
        for (Xattr xattr : xattrs) {
            int prefix = prefixOf(xattr.name());
            int lead = PREFIXES[prefix].length();
            int nameLength = (int) xattr.name().byteSize() - lead;
            image.set(U8, at, (byte) nameLength);
            image.set(U8, at + 1, (byte) prefix);
            image.set(U16, at + 2, (short) xattr.value().byteSize());
            MemorySegment.copy(xattr.name(), lead, image, at + ENTRY_SIZE, nameLength);
            MemorySegment.copy(
                    xattr.value(),
                    0,
                    image,
                    at + ENTRY_SIZE + nameLength,
                    xattr.value().byteSize());
            at += entrySize(xattr);
        }
    }

    /** Bytes that its entry takes. */
    private static long entrySize(Xattr xattr) {
        int lead = PREFIXES[prefixOf(xattr.name())].length();
        return Fields.roundUp(
                ENTRY_SIZE + xattr.name().byteSize() - lead + xattr.value().byteSize(), 4);
    }

    /** Whether RAFS has a prefix for this name; others cannot be stored. */
    public static boolean canHold(MemorySegment name) {
        return prefixOf(name) != 0;
    }

    /** Whether the prefix is all of the name. */
    private static boolean isWhole(int prefix) {
        return prefix == 2 || prefix == 3;
    }

    private static int prefixOf(MemorySegment name) {
        String text = new String(name.toArray(U8), StandardCharsets.ISO_8859_1);
        for (int i = 1; i < PREFIXES.length; i++) {
            String prefix = PREFIXES[i];
            if (!prefix.isEmpty() && (isWhole(i) ? text.equals(prefix) : text.startsWith(prefix))) {
                return i;
            }
        }
        return 0;
    }
}
