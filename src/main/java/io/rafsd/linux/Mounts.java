package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.PosixError;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * {@code mount(2)} and {@code umount2(2)}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/mount.2.html">mount(2)</a>
 */
public final class Mounts {

    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOATIME = 1024;

    /** Abort what is under way; what still waits for an answer fails. */
    public static final int MNT_FORCE = 1;

    /** Remove the mount from the tree now and clean up when nobody uses it. */
    public static final int MNT_DETACH = 2;

    private static final MethodHandle MOUNT =
            Native.bind("mount", Native.intFunction(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    private static final MethodHandle UMOUNT2 = Native.bind("umount2", Native.intFunction(ADDRESS, JAVA_INT));

    private Mounts() {}

    /** Mounts {@code source} at {@code target} with the filesystem's own options in {@code data}. */
    public static void mount(String source, Path target, String type, long flags, String data) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) MOUNT.invokeExact(
                    Native.capture(),
                    Native.cString(arena, source),
                    Native.cString(arena, target.toString()),
                    Native.cString(arena, type),
                    flags,
                    Native.cString(arena, data));
            if (result != 0) {
                throw Native.failure("mount " + type + " at " + target);
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Unmounts {@code target}. */
    public static void unmount(Path target, int flags) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            int result = (int) UMOUNT2.invokeExact(Native.capture(), Native.cString(arena, target.toString()), flags);
            if (result != 0) {
                throw Native.failure("unmount " + target);
            }
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
