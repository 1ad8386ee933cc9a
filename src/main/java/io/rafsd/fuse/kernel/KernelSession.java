package io.rafsd.fuse.kernel;

import io.rafsd.error.BackendFailure;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.FileSystem;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.FuseConnection;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.InFlightRequest;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.fuse.protocol.InitFacts;
import io.rafsd.fuse.protocol.Reply;
import io.rafsd.fuse.server.FuseServer;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.Iovecs;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.RawPath;
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
    private static final int NOTIFY_RESEND = 7;
    private static final int EXPIRE_ONLY = 1;
    private static final int INVAL_ENTRY_SIZE = 16;

    private final MountOptions options;
    private final Fd device;
    private final MountTable.Entry mounted;
    private final FuseServer server;
    private final WakeUp wakeUp;
    private final FailoverPolicy policy;
    private boolean drained;
    private final List<Worker> workers = new ArrayList<>();
    private final AtomicInteger alive = new AtomicInteger();
    private volatile State state = State.MOUNTED;
    private volatile boolean stopping;
    private volatile @Nullable Runnable onEnd;
    /** Somebody may still answer, to a descriptor whose number must not name another file by then. */
    private volatile boolean stragglers;

    private final Object telling = new Object();
    private boolean mute;

    /** @param policy for requests that a predecessor left unanswered */
    KernelSession(
            MountOptions options,
            Fd device,
            MountTable.Entry mounted,
            FuseServer server,
            FileSystem fileSystem,
            FailoverPolicy policy)
            throws IOException {
        this.options = options;
        this.device = device;
        this.mounted = mounted;
        this.server = server;
        this.policy = policy;
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
        if (!drained) {
            drained = true;
            drain();
        }
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
        rememberRoot();
    }

    /** Before the first worker reads: what the predecessor had taken comes again, or is given up. */
    private void drain() {
        switch (policy) {
            case NONE -> {}
            case RESEND -> {
                long told = tell(NOTIFY_RESEND, MemorySegment.NULL, 0);
                if (told < 0) {
                    log.atWarn()
                            .addKeyValue("errno", Errno.of((int) -told))
                            .log(
                                    "the kernel cannot send requests again (Linux 6.9 can); readers of a dead daemon wait");
                }
            }
            case FLUSH -> flush();
        }
    }

    /** Kernels of some vendors only. */
    private void flush() {
        for (String parent : List.of("/proc/sys/fs/fuse/connections/", "/sys/fs/fuse/connections/")) {
            try {
                Files.writeString(Path.of(parent + mounted.minor() + "/flush"), "1");
                return;
            } catch (IOException e) {
                log.atDebug().log("requests could not be flushed: {}", e.getMessage());
            }
        }
        log.atWarn().log("this kernel has no way to flush requests; choose the failover policy resend");
    }

    /**
     * Lets the kernel ask for the root's attributes and keep them: whoever looks at the mount point of a daemon that has
     * died waits otherwise. On a thread that may wait.
     */
    private void rememberRoot() {
        Thread.ofPlatform().name("self-stat").daemon(true).start(() -> {
            try {
                FileStatus.of(RawPath.of(options.mountPoint()));
            } catch (IOException e) {
                log.atDebug().log("the mount point could not be looked at: {}", e.getMessage());
            }
        });
    }

    @Override
    public FuseConnection connection() {
        InitFacts facts = server.facts();
        return new FuseConnection(
                device,
                facts == null ? 0 : facts.offered(),
                facts == null ? 0 : facts.flags(),
                server.isNoOpen(),
                (long) mounted.major() << 20 | mounted.minor());
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
    public void release() throws IOException {
        try {
            quiesce(STOP_PATIENCE);
        } finally {
            state = State.ENDED;
            free();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            unmount();
        } finally {
            free();
        }
    }

    private void free() throws PosixError {
        synchronized (telling) {
            mute = true;
        }
        if (stragglers) {
            device.closeKeepingNumber();
        } else {
            device.close();
            wakeUp.close();
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

    /**
     * Lets the kernel ask again for a name at once; what it remembers below that name, it forgets in the background,
     * because that takes as long as there is much of it.
     */
    private void invalidateName(long parent, MemorySegment name) {
        invalidate(parent, name, EXPIRE_ONLY);
        Thread.ofPlatform().name("invalidate").daemon(true).start(() -> {
            invalidate(parent, name, 0);
            // What was told of a name in the root made the kernel forget the root as well.
            rememberRoot();
        });
    }

    /** {@code struct fuse_notify_inval_entry_out}: u64 parent, u32 name length, u32 flags, then the name and a NUL. */
    private void invalidate(long parent, MemorySegment name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            long length = INVAL_ENTRY_SIZE + name.byteSize() + 1;
            MemorySegment body = arena.allocate(length, 8);
            body.set(ValueLayout.JAVA_LONG, 0, parent == server.rootIno() ? 1 : parent);
            body.set(ValueLayout.JAVA_INT, 8, (int) name.byteSize());
            body.set(ValueLayout.JAVA_INT, 12, flags);
            MemorySegment.copy(name, 0, body, INVAL_ENTRY_SIZE, name.byteSize());
            // ENOENT: the kernel does not remember the name.
            tell(NOTIFY_INVAL_ENTRY, body, length);
        }
    }

    /**
     * Sends a notification: it has no request, and its code stands where a reply has its error. Nothing is told once the
     * device is closed: its number may be another file's, and the mount another process's.
     */
    private long tell(int code, MemorySegment body, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(Reply.HEADER_SIZE, 8);
            Reply.header(header, Reply.HEADER_SIZE + length, -code, 0);
            Iovecs iovecs = new Iovecs(arena, 2);
            iovecs.set(0, header, Reply.HEADER_SIZE);
            iovecs.set(1, body, length);
            synchronized (telling) {
                return mute ? 0 : device.tryWrite(iovecs.segment(), length > 0 ? 2 : 1);
            }
        }
    }
}
