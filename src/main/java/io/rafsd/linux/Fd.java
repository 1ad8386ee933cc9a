package io.rafsd.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open file descriptor. Positioned reads and writes go straight to the C library, so no interrupt can close the file
 * for everybody, as one does with a {@code FileChannel}. Safe for many threads, but nobody may use it once {@link #close}
 * has begun. Blocking calls block the carrier of a virtual thread: call them on platform threads.
 */
public final class Fd implements AutoCloseable {

    /** Flags of {@code open(2)}. */
    public static final int O_RDONLY = 0;

    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_TRUNC = 01000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;

    /** Modes of {@code fallocate(2)}. */
    public static final int FALLOC_FL_KEEP_SIZE = 1;

    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    private static final MethodHandle OPEN =
            Native.bindVariadic("open", 2, Native.intFunction(ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = Native.bind("close", Native.intFunction(JAVA_INT));
    private static final MethodHandle DUP3 = Native.bind("dup3", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle PREAD =
            Native.bind("pread", Native.longFunction(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PWRITE =
            Native.bind("pwrite", Native.longFunction(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle READ = Native.bind("read", Native.longFunction(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE = Native.bind("write", Native.longFunction(JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITEV = Native.bind("writev", Native.longFunction(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FTRUNCATE = Native.bind("ftruncate", Native.intFunction(JAVA_INT, JAVA_LONG));
    private static final MethodHandle FALLOCATE =
            Native.bind("fallocate", Native.intFunction(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FSYNC = Native.bind("fsync", Native.intFunction(JAVA_INT));
    private static final MethodHandle FDATASYNC = Native.bind("fdatasync", Native.intFunction(JAVA_INT));
    private static final MethodHandle LSEEK = Native.bind("lseek", Native.longFunction(JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FCNTL =
            Native.bindVariadic("fcntl", 2, Native.intFunction(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final int SEEK_END = 2;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final int number;
    private final String name;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a descriptor that somebody opened; {@code name} is for messages. */
    public Fd(int number, String name) {
        if (number < 0) {
            throw new IllegalArgumentException("no descriptor: " + number);
        }
        this.number = number;
        this.name = name;
    }

    /** Opens a file, close-on-exec always; {@code mode} counts where {@link #O_CREAT} is given. */
    public static Fd open(Path path, int flags, int mode) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            return open(Native.cString(arena, path.toString()), path.toString(), flags, mode);
        }
    }

    /** Opens a file by the raw bytes of its path, NUL-terminated; {@code name} is for messages. */
    public static Fd open(MemorySegment path, String name, int flags, int mode) throws PosixError {
        try {
            int number = (int) OPEN.invokeExact(Native.capture(), path, flags | O_CLOEXEC, mode);
            if (number < 0) {
                throw Native.failure("open " + name);
            }
            return new Fd(number, name);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    public int number() {
        return number;
    }

    /**
     * Reads once.
     *
     * @return bytes read, 0 at the end of the file
     */
    public long pread(MemorySegment destination, long offset) throws PosixError {
        while (true) {
            long n;
            try {
                n = (long) PREAD.invokeExact(Native.capture(), number, destination, destination.byteSize(), offset);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            if (n >= 0) {
                return n;
            }
            if (Errno.of(Native.errno()) != Errno.EINTR) {
                throw Native.failure("read " + name + " at " + offset);
            }
        }
    }

    /** Fills {@code destination}. @throws EOFException if the file ends first */
    public void preadFully(MemorySegment destination, long offset) throws IOException {
        long done = pread(destination, offset);
        while (done < destination.byteSize()) {
            long n = pread(destination.asSlice(done), offset + done);
            if (n == 0) {
                throw new EOFException(name + " ends at " + (offset + done) + ", wanted " + destination.byteSize()
                        + " bytes from " + offset);
            }
            done += n;
        }
    }

    /** Writes all of {@code source}. */
    public void pwriteFully(MemorySegment source, long offset) throws PosixError {
        long done = 0;
        while (done < source.byteSize()) {
            MemorySegment rest = source.asSlice(done);
            long n;
            try {
                n = (long) PWRITE.invokeExact(Native.capture(), number, rest, rest.byteSize(), offset + done);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            if (n >= 0) {
                done += n;
            } else if (Errno.of(Native.errno()) != Errno.EINTR) {
                throw Native.failure("write " + name + " at " + (offset + done));
            }
        }
    }

    /**
     * Reads once from the current position, for devices, pipes and sockets.
     *
     * @return bytes read, or minus the errno, so that what a device answers all the time costs no exception
     */
    public long tryRead(MemorySegment destination) {
        try {
            long n = (long) READ.invokeExact(Native.capture(), number, destination, destination.byteSize());
            return n >= 0 ? n : -Native.errno();
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Writes once at the current position, for devices, pipes and sockets. */
    public void write(MemorySegment source) throws PosixError {
        long n;
        try {
            n = (long) WRITE.invokeExact(Native.capture(), number, source, source.byteSize());
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        if (n != source.byteSize()) {
            throw Native.failure("write " + name);
        }
    }

    /**
     * Writes once what {@code count} entries of an iovec array name.
     *
     * @return bytes written, or minus the errno
     */
    public long tryWrite(MemorySegment iovecs, int count) {
        try {
            long n = (long) WRITEV.invokeExact(Native.capture(), number, iovecs, count);
            return n >= 0 ? n : -Native.errno();
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Size in bytes. */
    public long size() throws PosixError {
        try {
            long size = (long) LSEEK.invokeExact(Native.capture(), number, 0L, SEEK_END);
            if (size < 0) {
                throw Native.failure("seek " + name);
            }
            return size;
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    public void truncate(long size) throws PosixError {
        try {
            check((int) FTRUNCATE.invokeExact(Native.capture(), number, size), "truncate");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Allocates, or with {@link #FALLOC_FL_PUNCH_HOLE} frees, a range. */
    public void allocate(int mode, long offset, long length) throws PosixError {
        try {
            check((int) FALLOCATE.invokeExact(Native.capture(), number, mode, offset, length), "allocate in");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Makes data and metadata durable. */
    public void sync() throws PosixError {
        try {
            check((int) FSYNC.invokeExact(Native.capture(), number), "sync");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Makes data durable. */
    public void syncData() throws PosixError {
        try {
            check((int) FDATASYNC.invokeExact(Native.capture(), number), "sync");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Another descriptor of the same open file, close-on-exec. */
    public Fd duplicate() throws PosixError {
        try {
            int copy = (int) FCNTL.invokeExact(Native.capture(), number, F_DUPFD_CLOEXEC, 0);
            check(copy, "duplicate");
            return new Fd(copy, name);
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Lets reads return at once when there is nothing to read. */
    public void setNonBlocking() throws PosixError {
        try {
            check((int) FCNTL.invokeExact(Native.capture(), number, F_SETFL, O_NONBLOCK), "set flags of");
        } catch (PosixError e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private void check(int result, String verb) throws PosixError {
        if (result < 0) {
            throw Native.failure(verb + " " + name);
        }
    }

    /** Idempotent; never fails. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                int ignored = (int) CLOSE.invokeExact(Native.capture(), number);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
        }
    }

    /**
     * Closes the file, but keeps its number, which leads to {@code /dev/null} from now on: for a descriptor that late
     * threads may still write to. Idempotent.
     */
    public void closeKeepingNumber() throws PosixError {
        if (closed.compareAndSet(false, true)) {
            try (Fd nowhere = open(Path.of("/dev/null"), O_RDWR, 0)) {
                if ((int) DUP3.invokeExact(Native.capture(), nowhere.number, number, O_CLOEXEC) < 0) {
                    throw Native.failure("close " + name);
                }
            } catch (PosixError e) {
                throw e;
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
        }
    }

    @Override
    public String toString() {
        return name + " (fd " + number + ")";
    }
}
