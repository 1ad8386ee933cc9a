package io.rafsd.builder;

import io.rafsd.error.InvalidRequest;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** What an image can hold of a file: the one check at the door of every source. */
final class EntryRules {

    private static final int MAX_NAME = 255;
    private static final int MAX_TARGET = 4095;
    private static final int MAX_VALUE = (1 << 16) - 1;
    /** What the 16-bit count of an inode can express. */
    private static final long MAX_XATTRS = Xattrs.HEADER_SIZE + ((1 << 16) - 2) * 4L;

    private static final Comparator<Xattr> BY_NAME = (a, b) -> Arrays.compareUnsigned(bytes(a.name()), bytes(b.name()));

    private EntryRules() {}

    static void checkName(byte[] name, Object where) throws InvalidRequest {
        if (name.length > MAX_NAME) {
            throw new InvalidRequest(where + ": a name of " + name.length + " bytes; an image holds up to " + MAX_NAME);
        }
    }

    static void checkTarget(byte[] target, Object where) throws InvalidRequest {
        if (target.length > MAX_TARGET) {
            throw new InvalidRequest(
                    where + ": a link target of " + target.length + " bytes; an image holds up to " + MAX_TARGET);
        }
    }

    /**
     * The attributes that an image can hold, sorted by name. Those whose prefix RAFS does not know are left out: they belong
     * to the file system the source lay on.
     */
    static List<Xattr> xattrs(List<Xattr> found, Object where) throws InvalidRequest {
        if (found.isEmpty()) {
            return List.of();
        }
        List<Xattr> xattrs = new ArrayList<>();
        for (Xattr xattr : found) {
            if (!Xattrs.canHold(xattr.name())) {
                continue;
            }
            if (xattr.value().byteSize() > MAX_VALUE || xattr.name().byteSize() > MAX_NAME) {
                throw new InvalidRequest(where + ": extended attribute "
                        + new String(bytes(xattr.name()), StandardCharsets.ISO_8859_1) + " has "
                        + xattr.value().byteSize() + " bytes; an image holds up to " + MAX_VALUE);
            }
            xattrs.add(xattr);
        }
        xattrs.sort(BY_NAME);
        if (Xattrs.size(xattrs) > MAX_XATTRS) {
            throw new InvalidRequest(where + ": extended attributes of " + Xattrs.size(xattrs)
                    + " bytes in all; an image holds up to " + MAX_XATTRS + " per file");
        }
        return List.copyOf(xattrs);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }
}
