package io.rafsd.linux;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * Binds functions of the C library. Each bound handle takes the thread's errno capture segment as its first argument: the
 * JVM itself calls the C library between our calls, so errno has to be caught by the call that set it. None is bound as
 * critical: such a call holds up every safepoint for as long as it blocks.
 */
final class Native {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private Native() {}

    /** Binds {@code name}; the handle's first argument is {@link #capture}. */
    static MethodHandle bind(String name, FunctionDescriptor signature, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, all);
    }

    /** Binds a variadic function whose first {@code fixed} arguments are named. */
    static MethodHandle bindVariadic(String name, int fixed, FunctionDescriptor signature) {
        return bind(name, signature, Linker.Option.firstVariadicArg(fixed));
    }

    /** Where this thread's calls leave their errno. */
    static MemorySegment capture() {
        return CAPTURED.get();
    }

    /** The errno of this thread's last bound call. */
    static int errno() {
        return (int) ERRNO.get(CAPTURED.get(), 0L);
    }

    /** The failure of this thread's last bound call; {@code what} says what was tried, on what. */
    static PosixError failure(String what) {
        int number = errno();
        Errno errno = Errno.of(number);
        return new PosixError(errno, what + ": " + (errno == Errno.UNKNOWN ? "errno " + number : errno.text()));
    }

    /** For the {@code Throwable} that a method handle declares: what it throws is a bug or an error of the JVM. */
    static AssertionError unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return new AssertionError(thrown);
    }

    /** A NUL-terminated copy of a path in UTF-8. */
    static MemorySegment cString(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.UTF_8);
    }

    static FunctionDescriptor intFunction(MemoryLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
    }

    static FunctionDescriptor longFunction(MemoryLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments);
    }
}
