package io.rafsd.fuse.kernel;

import io.rafsd.error.BackendFailure;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.fuse.protocol.Reply;
import io.rafsd.fuse.server.FuseServer;
import io.rafsd.linux.Fd;
import io.rafsd.linux.Iovecs;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.WakeUp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mount on the FUSE device with its worker threads {@code fuse-0}, {@code fuse-1}, … They read requests without
 * blocking and wait in a poll that a wake-up ends, so that they can be stopped while the mount stays.
 */
final class KernelSession implements FuseSession {

    private static final Logger log = LoggerFactory.getLogger(KernelSession.class);
    private static final Duration INIT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
    private static final int NOTIFY_INVAL_ENTRY = 3;
    private static final int INVAL_ENTRY_SIZE = 16;

    private final MountOptions options;
    private final Fd device;
    private final MountTable.Entry mounted;
    private final FuseServer server;
    private final WakeUp wakeUp;
    private final List<Worker> workers = new ArrayList<>();
    private final AtomicInteger alive = new AtomicInteger();
    private volatile State state = State.MOUNTED;
    private volatile boolean stopping;
    private volatile @Nullable Runnable onEnd;
    /** Somebody may still answer, to a descriptor whose number must not name another file by then. */
    private volatile boolean stragglers;

    KernelSession(MountOptions options, Fd device, MountTable.Entry mounted, FuseServer server, FileSystem fileSystem)
            throws IOException {
        this.options = options;
        this.device = device;
        this.mounted = mounted;
        this.server = server;
        this.wakeUp = new WakeUp();
        fileSystem.onNameChange(this::invalidateName);
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void serve(Runnable whenEnded) throws IOException {
        stopping = false;
        wakeUp.reset();
        onEnd = whenEnded;
        alive.set(options.threads());
        for (int i = 0; i < options.threads(); i++) {
            Worker worker = new Worker(i, device, wakeUp, server, this::workerEnded);
            workers.add(worker);
            worker.start();
        }
        try {
            if (!server.awaitInit(INIT_PATIENCE)) {
                throw new BackendFailure(
                        BackendFailure.Kind.FATAL,
                        "the kernel did not greet the mount at " + options.mountPoint() + " within "
                                + INIT_PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while mounting " + options.mountPoint());
        }
        state = State.SERVING;
        setReadAhead();
    }

    @Override
    public List<InFlightRequest> inFlight() {
        return server.inFlight();
    }

    @Override
    public void quiesce(Duration patience) throws IOException {
        if (workers.isEmpty()) {
            return;
        }
        stopping = true;
        wakeUp.wake();
        long deadline = System.nanoTime() + patience.toNanos();
        for (Worker worker : workers) {
            if (!worker.join(deadline)) {
                stragglers = true;
                log.atWarn()
                        .addKeyValue("worker", worker.name())
                        .log("a FUSE worker did not stop in time; it is left behind");
            }
        }
        workers.clear();
        awaitDeferred(deadline);
        if (state == State.SERVING) {
            state = State.MOUNTED;
        }
    }

    private void awaitDeferred(long deadline) {
        try {
            if (!server.awaitDeferred(deadline)) {
                stragglers = true;
                log.atWarn()
                        .addKeyValue("mountpoint", options.mountPoint())
                        .log("reads still wait for their bytes; they are left behind");
            }
        } catch (InterruptedException e) {
            stragglers = true;
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void unmount() throws IOException {
        if (state == State.ENDED && workers.isEmpty()) {
            return;
        }
        // From here on workers end because of us.
        stopping = true;
        try {
            if (MountPoint.holds(options.mountPoint(), mounted)) {
                MountPoint.unmount(options.mountPoint(), 0);
            }
        } finally {
            quiesce(STOP_PATIENCE);
            state = State.ENDED;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            unmount();
        } finally {
            if (stragglers) {
                device.closeKeepingNumber();
            } else {
                device.close();
                wakeUp.close();
            }
        }
    }

    /** The last worker that ends by itself tells that the mount has gone. */
    private void workerEnded() {
        if (alive.decrementAndGet() == 0 && !stopping) {
            state = State.ENDED;
            Runnable told = onEnd;
            if (told != null) {
                told.run();
            }
        }
    }

    /** The kernel offers 128 KiB at INIT and takes no more; what is larger has to be set from outside, by root. */
    private void setReadAhead() {
        Path file = Path.of("/sys/class/bdi/" + mounted.major() + ":" + mounted.minor() + "/read_ahead_kb");
        try {
            Files.writeString(file, Integer.toString(options.readAheadKib()));
        } catch (IOException e) {
            log.atDebug().addKeyValue("file", file).log("the kernel's read-ahead stays as it is: {}", e.getMessage());
        }
    }

    /** {@code struct fuse_notify_inval_entry_out}: u64 parent, u32 name length, u32 flags, then the name and a NUL. */
    private void invalidateName(long parent, MemorySegment name) {
        try (Arena arena = Arena.ofConfined()) {
            long length = INVAL_ENTRY_SIZE + name.byteSize() + 1;
            MemorySegment header = arena.allocate(Reply.HEADER_SIZE, 8);
            MemorySegment body = arena.allocate(length, 8);
            // A notification has no request; its code stands where a reply has its error.
            Reply.header(header, Reply.HEADER_SIZE + length, -NOTIFY_INVAL_ENTRY, 0);
            body.set(ValueLayout.JAVA_LONG, 0, parent == server.rootIno() ? 1 : parent);
            body.set(ValueLayout.JAVA_INT, 8, (int) name.byteSize());
            MemorySegment.copy(name, 0, body, INVAL_ENTRY_SIZE, name.byteSize());
            Iovecs iovecs = new Iovecs(arena, 2);
            iovecs.set(0, header, Reply.HEADER_SIZE);
            iovecs.set(1, body, length);
            // ENOENT: the kernel does not remember the name.
            device.tryWrite(iovecs.segment(), 2);
        }
    }
}
