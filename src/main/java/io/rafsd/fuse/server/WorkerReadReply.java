package io.rafsd.fuse.server;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.ReadReply;
import io.rafsd.fuse.protocol.Opcode;
import io.rafsd.stats.FileSystemStats;
import io.rafsd.stats.FileSystemStats.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's own reply to reads, used again for each: answering from the cache makes no garbage. Confined to the worker. */
final class WorkerReadReply implements ReadReply {

    private static final Logger log = LoggerFactory.getLogger(WorkerReadReply.class);

    private final FuseServer server;
    private final ReplyChannel channel;
    private final ReplyChannel.Frame frame;
    private final MemorySegment buffer;
    private long unique;
    private long received;
    private int size;
    private long ino;
    private FileSystemStats counted;
    /** Not answered, and not handed to a deferred reply. */
    private boolean mine;

    WorkerReadReply(FuseServer server, ReplyChannel channel, ReplyChannel.Frame frame, MemorySegment buffer) {
        this.server = server;
        this.channel = channel;
        this.frame = frame;
        this.buffer = buffer;
        this.counted = server.stats();
    }

    void begin(long unique, long received, int size, long ino, FileSystemStats counted) {
        this.unique = unique;
        this.received = received;
        this.size = size;
        this.ino = ino;
        this.counted = counted;
        this.mine = true;
    }

    /** For a read that ended with an exception: it may have been answered or deferred before. */
    void failUnlessAnswered() {
        if (mine) {
            fail(new PosixError(Errno.EIO, "a read met a bug; see the log"));
        }
    }

    @Override
    public MemorySegment buffer() {
        return buffer;
    }

    @Override
    public void complete(int length) {
        mine = false;
        // Counted first: who has read and then asks for the metrics finds the read there.
        completed(server, counted, ino, received, length);
        frame.send(unique, 0, buffer, length);
    }

    @Override
    public void fail(IOException failure) {
        mine = false;
        frame.send(unique, failed(server, counted, ino, received, failure), MemorySegment.NULL, 0);
    }

    @Override
    public ReadReply defer() {
        mine = false;
        server.deferredBegins();
        return new Deferred(server, channel.newFrame(), server.buffers().take(size), unique, received, ino, counted);
    }

    private static void completed(FuseServer server, FileSystemStats counted, long ino, long received, int length) {
        server.stats().inFlight.decrement();
        counted.read(ino, length, System.nanoTime() - received);
    }

    /** Counts and logs. @return the error number */
    private static int failed(
            FuseServer server, FileSystemStats counted, long ino, long received, IOException failure) {
        Errno errno = Errnos.of(failure);
        if (errno == Errno.EIO) {
            counted.failed(Operation.READ, ino);
            log.atError().log("a read failed: {}", failure.getMessage());
        }
        server.stats().inFlight.decrement();
        counted.read(ino, 0, System.nanoTime() - received);
        return errno.number();
    }

    /** A reply that left its worker. Answered once, by whichever thread has the bytes. */
    private static final class Deferred implements ReadReply {

        private final FuseServer server;
        private final ReplyChannel.Frame frame;
        private final MemorySegment buffer;
        private final long unique;
        private final long received;
        private final long ino;
        private final FileSystemStats counted;
        private final InFlightSlot slot;
        private final AtomicBoolean answered = new AtomicBoolean();

        Deferred(
                FuseServer server,
                ReplyChannel.Frame frame,
                MemorySegment buffer,
                long unique,
                long received,
                long ino,
                FileSystemStats counted) {
            this.server = server;
            this.frame = frame;
            this.buffer = buffer;
            this.unique = unique;
            this.received = received;
            this.ino = ino;
            this.counted = counted;
            this.slot = server.newSlot();
            slot.begin(Opcode.READ, ino, System.currentTimeMillis(), unique);
        }

        @Override
        public MemorySegment buffer() {
            return buffer;
        }

        @Override
        public void complete(int length) {
            if (answered.compareAndSet(false, true)) {
                completed(server, counted, ino, received, length);
                frame.send(unique, 0, buffer, length);
                server.buffers().give(buffer);
                server.deferredEnds(slot);
            }
        }

        /** The buffer is not used again: whoever failed may still be writing to it. */
        @Override
        public void fail(IOException failure) {
            if (answered.compareAndSet(false, true)) {
                frame.send(unique, failed(server, counted, ino, received, failure), MemorySegment.NULL, 0);
                server.deferredEnds(slot);
            }
        }

        @Override
        public ReadReply defer() {
            return this;
        }
    }
}
