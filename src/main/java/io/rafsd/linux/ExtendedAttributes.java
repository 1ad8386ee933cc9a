package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Extended attributes of a file of any kind, links not followed, by raw names with their prefix. */
public final class ExtendedAttributes {

    private static final MethodHandle LIST =
            Native.bind("llistxattr", Native.longFunction(ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle GET =
            Native.bind("lgetxattr", Native.longFunction(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
    /** The kernel's limit of a list of names and of a value. */
    private static final int MAX = 1 << 16;

    private ExtendedAttributes() {}

    /** The names in no order; none where the file system keeps no attributes. {@code trusted.} ones only for root. */
    public static List<byte[]> names(RawPath file) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = file.cString(arena);
            // Nearly every file has none: asking for the size first spares the large buffer.
            long size = list(path, MemorySegment.NULL, 0);
            if (size == 0) {
                return List.of();
            }
            MemorySegment names = size < 0 ? MemorySegment.NULL : arena.allocate(MAX);
            long n = size < 0 ? size : list(path, names, MAX);
            if (n < 0) {
                if (Errno.of(Native.errno()) == Errno.EOPNOTSUPP) {
                    return List.of();
                }
                throw Native.failure("list extended attributes of " + file);
            }
            return split(names.asSlice(0, n));
        }
    }

    /** The value of an attribute, which may be empty. */
    public static byte[] value(RawPath file, byte[] name) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cName = arena.allocate(name.length + 1L);
            MemorySegment.copy(name, 0, cName, JAVA_BYTE, 0, name.length);
            MemorySegment value = arena.allocate(MAX);
            long n = (long) GET.invokeExact(Native.capture(), file.cString(arena), cName, value, value.byteSize());
            if (n < 0) {
                throw Native.failure(
                        "read extended attribute " + new String(name, StandardCharsets.ISO_8859_1) + " of " + file);
            }
            return value.asSlice(0, n).toArray(JAVA_BYTE);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static long list(MemorySegment path, MemorySegment names, long size) {
        try {
            return (long) LIST.invokeExact(Native.capture(), path, names, size);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static List<byte[]> split(MemorySegment list) {
        List<byte[]> names = new ArrayList<>();
        long start = 0;
        for (long i = 0; i < list.byteSize(); i++) {
            if (list.get(JAVA_BYTE, i) == 0) {
                names.add(list.asSlice(start, i - start).toArray(JAVA_BYTE));
                start = i + 1;
            }
        }
        return names;
    }
}
