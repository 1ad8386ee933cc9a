package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Where a symbolic link points to, as raw bytes. */
public final class SymbolicLink {

    private static final MethodHandle READLINK =
            Native.bind("readlink", Native.longFunction(ADDRESS, ADDRESS, JAVA_LONG));
    /** The kernel's limit of a path. */
    private static final int PATH_MAX = 4096;

    private SymbolicLink() {}

    public static byte[] target(RawPath link) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(PATH_MAX);
            long n = (long) READLINK.invokeExact(Native.capture(), link.cString(arena), target, target.byteSize());
            if (n < 0) {
                throw Native.failure("read link " + link);
            }
            return target.asSlice(0, n).toArray(JAVA_BYTE);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
