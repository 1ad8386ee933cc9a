package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mount that is put together option by option, so that there may be more of them than fit the one page of
 * {@code mount(2)}, and commas in their values; the kernel says in words what it does not like. By system call numbers, which
 * are the same on every architecture: C libraries have had functions for them for a short time only. Confined to a thread.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/fsopen.2.html">fsopen(2)</a>
 */
public final class FileSystemContext implements AutoCloseable {

    /** Attributes of the mount. */
    public static final int MOUNT_ATTR_RDONLY = 1;

    public static final int MOUNT_ATTR_NOSUID = 2;
    public static final int MOUNT_ATTR_NODEV = 4;
    public static final int MOUNT_ATTR_NOATIME = 0x10;

    private static final long MOVE_MOUNT = 429;
    private static final long FSOPEN = 430;
    private static final long FSCONFIG = 431;
    private static final long FSMOUNT = 432;
    private static final int CLOEXEC = 1;
    private static final int SET_FLAG = 0;
    private static final int SET_STRING = 1;
    private static final int CMD_CREATE = 6;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int AT_FDCWD = -100;
    private static final int MAX_MESSAGE = 1024;

    private static final MethodHandle SYSCALL_OPEN =
            Native.bindVariadic("syscall", 1, Native.longFunction(JAVA_LONG, ADDRESS, JAVA_INT));
    private static final MethodHandle SYSCALL_CONFIG = Native.bindVariadic(
            "syscall", 1, Native.longFunction(JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle SYSCALL_MOUNT =
            Native.bindVariadic("syscall", 1, Native.longFunction(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SYSCALL_MOVE = Native.bindVariadic(
            "syscall", 1, Native.longFunction(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));

    private final Fd context;
    private final String type;

    private FileSystemContext(Fd context, String type) {
        this.context = context;
        this.type = type;
    }

    /** @throws PosixError ENODEV if the kernel does not know the type, EPERM without CAP_SYS_ADMIN */
    public static FileSystemContext open(String type) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            long fd = (long) SYSCALL_OPEN.invokeExact(Native.capture(), FSOPEN, Native.cString(arena, type), CLOEXEC);
            if (fd < 0) {
                throw Native.failure("begin a mount of type " + type);
            }
            return new FileSystemContext(new Fd((int) fd, type + " context"), type);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Sets an option that has no value. */
    public void flag(String key) throws PosixError {
        configure(SET_FLAG, key, null);
    }

    /** Sets an option; where it may be given more than once, one more. */
    public void option(String key, String value) throws PosixError {
        configure(SET_STRING, key, value);
    }

    /** Makes the filesystem and puts it at {@code target}. Blocks: on a platform thread. */
    public void mount(Path target, int attributes) throws PosixError {
        configure(CMD_CREATE, null, null);
        try (Arena arena = Arena.ofConfined()) {
            long fd =
                    (long) SYSCALL_MOUNT.invokeExact(Native.capture(), FSMOUNT, context.number(), CLOEXEC, attributes);
            if (fd < 0) {
                throw failure("mount");
            }
            try (Fd mount = new Fd((int) fd, type + " mount")) {
                long result = (long) SYSCALL_MOVE.invokeExact(
                        Native.capture(),
                        MOVE_MOUNT,
                        mount.number(),
                        Native.cString(arena, ""),
                        AT_FDCWD,
                        Native.cString(arena, target.toString()),
                        MOVE_MOUNT_F_EMPTY_PATH);
                if (result < 0) {
                    throw failure("put the mount at " + target);
                }
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private void configure(int command, @Nullable String key, @Nullable String value) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = key == null ? MemorySegment.NULL : Native.cString(arena, key);
            MemorySegment text = value == null ? MemorySegment.NULL : Native.cString(arena, value);
            long result = (long)
                    SYSCALL_CONFIG.invokeExact(Native.capture(), FSCONFIG, context.number(), command, name, text, 0);
            if (result < 0) {
                throw failure(command == CMD_CREATE ? "read" : "set " + key);
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private PosixError failure(String what) {
        PosixError failure = Native.failure(type + ": " + what);
        List<String> said = said();
        return said.isEmpty()
                ? failure
                : new PosixError(
                        failure.errno(), failure.getMessage() + " (the kernel: " + String.join("; ", said) + ")");
    }

    /** One message a read, each with a letter for its weight before it. */
    private List<String> said() {
        List<String> messages = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_MESSAGE);
            for (long n = context.tryRead(buffer); n > 0; n = context.tryRead(buffer)) {
                String message = new String(buffer.asSlice(0, n).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
                messages.add(message.strip().replaceFirst("^[ewi] ", ""));
            }
        }
        return messages;
    }

    @Override
    public void close() {
        context.close();
    }
}
