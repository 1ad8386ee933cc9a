package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** The names in a directory, as raw bytes. */
public final class DirectoryNames {

    private static final MethodHandle GETDENTS =
            Native.bind("getdents64", Native.longFunction(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final int BUFFER = 1 << 16;

    /** Of {@code struct linux_dirent64}. */
    private static final int RECORD_LENGTH = 16;

    private static final int NAME = 19;

    private DirectoryNames() {}

    /** All names but the two dots, in no order. */
    public static List<byte[]> of(RawPath directory) throws PosixError {
        List<byte[]> names = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                Fd fd = directory.open(Fd.O_RDONLY | Fd.O_DIRECTORY | Fd.O_NOFOLLOW)) {
            MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
            for (long n = read(fd, buffer); n > 0; n = read(fd, buffer)) {
                collect(buffer.asSlice(0, n), names);
            }
        }
        return names;
    }

    private static long read(Fd fd, MemorySegment buffer) throws PosixError {
        long n;
        try {
            n = (long) GETDENTS.invokeExact(Native.capture(), fd.number(), buffer, buffer.byteSize());
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        if (n < 0) {
            throw Native.failure("list " + fd);
        }
        return n;
    }

    private static void collect(MemorySegment records, List<byte[]> names) {
        long at = 0;
        while (at < records.byteSize()) {
            int length = Short.toUnsignedInt(records.get(JAVA_SHORT_UNALIGNED, at + RECORD_LENGTH));
            long end = at + NAME;
            while (records.get(JAVA_BYTE, end) != 0) {
                end++;
            }
            byte[] name = records.asSlice(at + NAME, end - at - NAME).toArray(JAVA_BYTE);
            if (!isDots(name)) {
                names.add(name);
            }
            at += length;
        }
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    }
}
