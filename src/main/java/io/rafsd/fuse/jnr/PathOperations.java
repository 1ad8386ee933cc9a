package io.rafsd.fuse.jnr;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.FileSystem.StatFs;
import io.rafsd.fuse.server.Errnos;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers operations that name files by paths: finds the inode, asks the filesystem, and turns failures into the negative
 * error numbers that libfuse takes. Safe for many threads.
 */
final class PathOperations {

    private static final Logger log = LoggerFactory.getLogger(PathOperations.class);
    private static final int MAX_NAME = 255;
    /** Longer than any fetch with all its retries; a reader must not hang for ever on a bug. */
    private static final Duration READ_PATIENCE = Duration.ofMinutes(15);

    private final FileSystem fileSystem;
    private final FileSystemStats stats;
    private final Gate gate;
    private final Set<AwaitedRead> awaited = ConcurrentHashMap.newKeySet();
    private volatile boolean abandoned;

    PathOperations(FileSystem fileSystem, FileSystemStats stats, Gate gate) {
        this.fileSystem = fileSystem;
        this.stats = stats;
        this.gate = gate;
    }

    /** What one operation does. @return 0 or, for reads, a length */
    @FunctionalInterface
    interface Work {
        int run() throws IOException;
    }

    /** Runs {@code work} when requests are served, counted. @return what it returned, or minus an error number */
    int answer(Operation operation, Work work) {
        try {
            gate.enter();
        } catch (PosixError e) {
            return -e.errno().number();
        }
        long received = System.nanoTime();
        stats.inFlight.increment();
        try {
            return work.run();
        } catch (IOException e) {
            Errno errno = Errnos.of(e);
            if (errno == Errno.EIO) {
                counters().failed(operation, fileSystem.rootIno());
                log.atError().addKeyValue("operation", operation).log("{}", e.getMessage());
            }
            return -errno.number();
        } catch (RuntimeException e) {
            counters().failed(operation, fileSystem.rootIno());
            log.atError().setCause(e).addKeyValue("operation", operation).log("a request met a bug");
            return -Errno.EIO.number();
        } finally {
            stats.inFlight.decrement();
            if (operation != Operation.READ) {
                counters().answered(operation, fileSystem.rootIno(), System.nanoTime() - received);
            }
            gate.leave();
        }
    }

    /** Which of many mounts a path leads to is not known here: those count for the daemon alone, but for their reads. */
    private FileSystemStats counters() {
        FileSystemStats whole = fileSystem.stats(fileSystem.rootIno());
        return whole == null ? stats : whole;
    }

    /** Number of the inode that an absolute path names, raw bytes. */
    long find(byte[] bytes) throws IOException {
        long ino = fileSystem.rootIno();
        Attributes found = new Attributes();
        for (int start = 1; start < bytes.length; ) {
            int end = start;
            while (end < bytes.length && bytes[end] != '/') {
                end++;
            }
            if (end - start > MAX_NAME) {
                throw new PosixError(Errno.ENAMETOOLONG, "a name of " + (end - start) + " bytes");
            }
            MemorySegment name = MemorySegment.ofArray(bytes).asSlice(start, end - start);
            if (!fileSystem.lookup(ino, name, found)) {
                throw new PosixError(Errno.ENOENT, "there is no such name");
            }
            ino = found.ino;
            start = end + 1;
        }
        return ino;
    }

    Attributes attributes(byte[] path) throws IOException {
        Attributes found = new Attributes();
        fileSystem.attributes(find(path), found);
        return found;
    }

    MemorySegment readLink(byte[] path) throws IOException {
        return fileSystem.readLink(find(path));
    }

    /** Reads into {@code destination}, waiting where the bytes have to be fetched. @return bytes read */
    int read(long ino, long offset, MemorySegment destination) throws IOException {
        long received = System.nanoTime();
        int length = 0;
        try {
            length = await(ino, offset, destination);
            return length;
        } finally {
            FileSystemStats mount = fileSystem.stats(ino);
            (mount == null ? stats : mount).read(ino, length, System.nanoTime() - received);
        }
    }

    private int await(long ino, long offset, MemorySegment destination) throws IOException {
        AwaitedRead reply = new AwaitedRead(destination);
        awaited.add(reply);
        try {
            fileSystem.read(ino, offset, (int) destination.byteSize(), reply);
            if (abandoned) {
                reply.fail(gone());
            }
            return reply.await(READ_PATIENCE);
        } finally {
            awaited.remove(reply);
        }
    }

    /** Lets nobody wait any more: the mount has gone. */
    void abandonReads() {
        abandoned = true;
        for (AwaitedRead read : awaited) {
            read.fail(gone());
        }
    }

    private static PosixError gone() {
        return new PosixError(Errno.ENOTCONN, "the mount has gone");
    }

    void readDirectory(long ino, long cookie, FileSystem.DirectorySink sink) throws IOException {
        fileSystem.readDirectory(ino, cookie, sink);
    }

    /** Null if it is not set. */
    @Nullable
    MemorySegment extendedAttribute(byte[] path, byte[] name) throws IOException {
        requireExtendedAttributes();
        return fileSystem.extendedAttribute(find(path), MemorySegment.ofArray(name));
    }

    byte[] extendedAttributeNames(byte[] path) throws IOException {
        return fileSystem.extendedAttributeNames(find(path));
    }

    StatFs statFs() {
        return fileSystem.statFs();
    }

    /** The kernel does not ask again. */
    private void requireExtendedAttributes() throws PosixError {
        if (!fileSystem.hasExtendedAttributes()) {
            throw new PosixError(Errno.ENOSYS, "this filesystem has no extended attributes");
        }
    }
}
