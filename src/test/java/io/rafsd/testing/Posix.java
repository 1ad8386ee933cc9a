package io.rafsd.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.linux.Fd;
import io.rafsd.linux.RawPath;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Makes files of every kind under raw names. Each call answers whether the kernel did it. */
final class Posix {

    private static final MethodHandle MKDIR = bind("mkdir", ADDRESS, JAVA_INT);
    private static final MethodHandle MKNOD = bind("mknod", ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SYMLINK = bind("symlink", ADDRESS, ADDRESS);
    private static final MethodHandle LINK = bind("link", ADDRESS, ADDRESS);
    private static final MethodHandle CHMOD = bind("chmod", ADDRESS, JAVA_INT);
    private static final MethodHandle LCHOWN = bind("lchown", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETXATTR = bind("lsetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle UTIMENS = bind("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private Posix() {}

    static boolean mkdir(RawPath path) {
        return with(arena -> (int) MKDIR.invokeExact(path.cString(arena), 0755));
    }

    static boolean mknod(RawPath path, int mode, long device) {
        return with(arena -> (int) MKNOD.invokeExact(path.cString(arena), mode, device));
    }

    static boolean symlink(byte[] target, RawPath path) {
        return with(arena -> (int) SYMLINK.invokeExact(cString(arena, target), path.cString(arena)));
    }

    static boolean link(RawPath existing, RawPath path) {
        return with(arena -> (int) LINK.invokeExact(existing.cString(arena), path.cString(arena)));
    }

    static boolean chmod(RawPath path, int mode) {
        return with(arena -> (int) CHMOD.invokeExact(path.cString(arena), mode));
    }

    static boolean lchown(RawPath path, int uid, int gid) {
        return with(arena -> (int) LCHOWN.invokeExact(path.cString(arena), uid, gid));
    }

    static boolean setXattr(RawPath path, byte[] name, byte[] value) {
        return with(arena -> (int) SETXATTR.invokeExact(
                path.cString(arena), cString(arena, name), cString(arena, value), (long) value.length, 0));
    }

    static boolean setModified(RawPath path, long seconds, long nanos) {
        return with(arena -> {
            MemorySegment times = arena.allocateFrom(JAVA_LONG, seconds, nanos, seconds, nanos);
            return (int) UTIMENS.invokeExact(AT_FDCWD, path.cString(arena), times, AT_SYMLINK_NOFOLLOW);
        });
    }

    /** A regular file of {@code size} bytes with {@code content} at {@code offset}, else a hole. */
    static void write(RawPath path, byte[] content, long offset, long size) throws IOException {
        try (Arena arena = Arena.ofConfined();
                Fd fd = Fd.open(path.cString(arena), path.toString(), Fd.O_WRONLY | Fd.O_CREAT | Fd.O_TRUNC, 0644)) {
            MemorySegment bytes = arena.allocate(Math.max(1, content.length));
            MemorySegment.copy(content, 0, bytes, ValueLayout.JAVA_BYTE, 0, content.length);
            fd.truncate(size);
            fd.pwriteFully(bytes.asSlice(0, content.length), offset);
        }
    }

    private static MethodHandle bind(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MemorySegment cString(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return copy;
    }

    @FunctionalInterface
    private interface Call {
        int run(Arena arena) throws Throwable;
    }

    private static boolean with(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            return call.run(arena) == 0;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
