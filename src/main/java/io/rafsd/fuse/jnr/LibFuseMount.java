package io.rafsd.fuse.jnr;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.filesystem.FileSystem.StatFs;
import io.rafsd.stats.FileSystemStats.Operation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * libfuse's callbacks, each translated to {@link PathOperations}; those that need a path take its bytes. The one class here that inherits code: jnr-fuse finds
 * the implemented operations by what a subclass overrides. What is not overridden libfuse answers with ENOSYS, and the
 * kernel refuses all writing by itself, because the mount is read-only.
 *
 * @see <a href="https://github.com/libfuse/libfuse/blob/fuse-2_9_bugfix/include/fuse.h">fuse.h of libfuse 2.9</a>
 */
final class LibFuseMount extends FuseStubFS {

    private final PathOperations operations;
    private final RawCallbacks callbacks;
    private final CountDownLatch greeted = new CountDownLatch(1);

    LibFuseMount(PathOperations operations) {
        this.operations = operations;
        this.callbacks = new RawCallbacks(fuseOperations);
        callbacks.getattr(this::getattr);
        callbacks.readlink(this::readlink);
        callbacks.open(this::keepIno);
        callbacks.opendir(this::keepIno);
        callbacks.getxattr(this::getxattr);
        callbacks.listxattr(this::listxattr);
    }

    /** Mounts and serves until unmounted, on this thread and on more of libfuse's own. @return 0, or what libfuse says */
    int run(String... arguments) {
        // Not mount(): that adds a shutdown hook, which would unmount before the daemon has ended what it does.
        return libFuse.fuse_main_real(arguments.length, arguments, fuseOperations, Struct.size(fuseOperations), null);
    }

    /** Open when libfuse has answered the kernel's INIT. */
    CountDownLatch greeted() {
        return greeted;
    }

    @Override
    public @Nullable Pointer init(Pointer connection) {
        greeted.countDown();
        return null;
    }

    private int getattr(Pointer path, Pointer stat) {
        return operations.answer(Operation.GETATTR, () -> {
            fill(FileStat.of(stat), operations.attributes(RawCallbacks.bytes(path)));
            return 0;
        });
    }

    private int readlink(Pointer path, Pointer buffer, long size) {
        return operations.answer(Operation.READLINK, () -> {
            MemorySegment target = operations.readLink(RawCallbacks.bytes(path));
            // The last byte is for the NUL; the kernel's buffer is a page and one byte long.
            long length = Math.min(target.byteSize(), size - 1);
            MemorySegment out = segment(buffer, size);
            MemorySegment.copy(target, 0, out, 0, length);
            out.set(ValueLayout.JAVA_BYTE, length, (byte) 0);
            return 0;
        });
    }

    private int keepIno(Pointer path, Pointer file) {
        return operations.answer(Operation.OPEN, () -> {
            FuseFileInfo.of(file).fh.set(operations.find(RawCallbacks.bytes(path)));
            return 0;
        });
    }

    @Override
    public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo file) {
        return operations.answer(
                Operation.READ, () -> operations.read(file.fh.longValue(), offset, segment(buffer, size)));
    }

    @Override
    public int readdir(String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo file) {
        return operations.answer(Operation.READDIR, () -> {
            Filler sink = new Filler(buffer, filler);
            operations.readDirectory(file.fh.longValue(), offset, sink);
            return 0;
        });
    }

    @Override
    public int statfs(String path, Statvfs out) {
        return operations.answer(Operation.STATFS, () -> {
            StatFs stat = operations.statFs();
            out.f_bsize.set(4096);
            out.f_frsize.set(4096);
            out.f_blocks.set(stat.blocks());
            out.f_bfree.set(0);
            out.f_bavail.set(0);
            out.f_files.set(stat.files());
            out.f_ffree.set(0);
            out.f_namemax.set(255);
            return 0;
        });
    }

    private int getxattr(Pointer path, Pointer name, Pointer value, long size) {
        return operations.answer(Operation.GETXATTR, () -> {
            MemorySegment found = operations.extendedAttribute(RawCallbacks.bytes(path), RawCallbacks.bytes(name));
            if (found == null) {
                throw new PosixError(Errno.ENODATA, "no such extended attribute");
            }
            return sized(found, value, size);
        });
    }

    private int listxattr(Pointer path, Pointer list, long size) {
        return operations.answer(
                Operation.LISTXATTR,
                () -> sized(
                        MemorySegment.ofArray(operations.extendedAttributeNames(RawCallbacks.bytes(path))),
                        list,
                        size));
    }

    /** A size of 0 asks for the length. */
    private static int sized(MemorySegment value, Pointer out, long size) throws PosixError {
        if (size != 0) {
            if (size < value.byteSize()) {
                throw new PosixError(Errno.ERANGE, "a value of " + value.byteSize() + " bytes for room of " + size);
            }
            MemorySegment.copy(value, 0, segment(out, size), 0, value.byteSize());
        }
        return (int) value.byteSize();
    }

    private static MemorySegment segment(Pointer pointer, long size) {
        return MemorySegment.ofAddress(pointer.address()).reinterpret(size);
    }

    private static void fill(FileStat stat, Attributes attributes) {
        stat.st_ino.set(attributes.ino);
        stat.st_mode.set(attributes.mode);
        stat.st_nlink.set(attributes.nlink);
        stat.st_uid.set(Integer.toUnsignedLong(attributes.uid));
        stat.st_gid.set(Integer.toUnsignedLong(attributes.gid));
        stat.st_rdev.set(Integer.toUnsignedLong(attributes.rdev));
        stat.st_size.set(attributes.size);
        stat.st_blocks.set(attributes.blocks);
        stat.st_blksize.set(attributes.blockSize);
        fill(stat.st_atim, attributes);
        fill(stat.st_mtim, attributes);
        fill(stat.st_ctim, attributes);
    }

    private static void fill(Timespec time, Attributes attributes) {
        time.tv_sec.set(attributes.mtimeSeconds);
        time.tv_nsec.set(attributes.mtimeNanos);
    }

    /** Hands entries to libfuse, names as raw bytes. */
    private static final class Filler implements DirectorySink {

        private final Pointer buffer;
        private final FuseFillDir filler;
        private final FileStat stat = new FileStat(jnr.ffi.Runtime.getSystemRuntime());
        private final Pointer statMemory = Struct.getMemory(stat);
        private final ByteBuffer terminated = ByteBuffer.allocateDirect(256);

        Filler(Pointer buffer, FuseFillDir filler) {
            this.buffer = buffer;
            this.filler = filler;
        }

        @Override
        public boolean entry(MemorySegment name, long ino, int type, long nextCookie) {
            stat.st_ino.set(ino);
            stat.st_mode.set(type);
            terminated.clear();
            terminated.put(name.asByteBuffer());
            terminated.put((byte) 0);
            terminated.flip();
            return filler.apply(buffer, terminated, statMemory, nextCookie) == 0;
        }
    }
}
