package io.rafsd.mount;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.filesystem.ReadReply;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a filesystem be closed while it is in use: closing turns new calls away with ENOENT, waits for those that are
 * inside, and only then frees what they read from. Without it a descriptor could be closed, and its number given to
 * another file, between a reader's check and its read.
 *
 * <p>Every call enters and leaves by an adder of its own, so that callers do not meet on one counter. Whoever closes sums
 * the leavings first: if the two sums are equal then, everybody who had entered has left. Reads that were deferred are not
 * counted; the cache that answers them waits for them itself.
 */
final class DrainingFileSystem implements FileSystem {

    private static final long PAUSE_NANOS = 100_000;

    private final FileSystem origin;
    private final LongAdder entered = new LongAdder();
    private final LongAdder left = new LongAdder();
    private volatile boolean closed;

    DrainingFileSystem(FileSystem origin) {
        this.origin = origin;
    }

    @Override
    public long rootIno() {
        return origin.rootIno();
    }

    @Override
    public boolean remembersAbsence(long parent) {
        return origin.remembersAbsence(parent);
    }

    @Override
    public boolean lookup(long parent, MemorySegment name, Attributes found) throws IOException {
        enter();
        try {
            return origin.lookup(parent, name, found);
        } finally {
            left.increment();
        }
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        enter();
        try {
            origin.attributes(ino, found);
        } finally {
            left.increment();
        }
    }

    @Override
    public MemorySegment readLink(long ino) throws IOException {
        enter();
        try {
            return origin.readLink(ino);
        } finally {
            left.increment();
        }
    }

    @Override
    public void read(long ino, long offset, int size, ReadReply reply) {
        try {
            enter();
        } catch (PosixError e) {
            reply.fail(e);
            return;
        }
        try {
            origin.read(ino, offset, size, reply);
        } finally {
            left.increment();
        }
    }

    @Override
    public void readDirectory(long ino, long cookie, DirectorySink sink) throws IOException {
        enter();
        try {
            origin.readDirectory(ino, cookie, sink);
        } finally {
            left.increment();
        }
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        enter();
        try {
            return origin.extendedAttribute(ino, name);
        } finally {
            left.increment();
        }
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        enter();
        try {
            return origin.extendedAttributeNames(ino);
        } finally {
            left.increment();
        }
    }

    @Override
    public boolean bypassesPageCache(long ino) {
        return origin.bypassesPageCache(ino);
    }

    @Override
    public boolean hasExtendedAttributes() {
        return origin.hasExtendedAttributes();
    }

    @Override
    public StatFs statFs() {
        return origin.statFs();
    }

    /** Blocks until nobody is inside; calls are short, they never wait for the network. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (true) {
            long gone = left.sum();
            if (entered.sum() == gone) {
                break;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        origin.close();
    }

    private void enter() throws PosixError {
        entered.increment();
        if (closed) {
            left.increment();
            throw new PosixError(Errno.ENOENT, "the image has been unmounted");
        }
    }
}
