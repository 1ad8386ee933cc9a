package io.rafsd.fuse.jnr;

import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.error.Unsupported;
import io.rafsd.fuse.FuseSession;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.linux.MountTable;
import io.rafsd.linux.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One mount of libfuse. Its loop runs from mounting to unmounting on a thread of its own; serving and quiescing open and
 * shut the gate before it.
 */
final class JnrSession implements FuseSession {

    private static final Logger log = LoggerFactory.getLogger(JnrSession.class);
    private static final Duration MOUNT_PATIENCE = Duration.ofSeconds(20);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final Path mountPoint;
    private final LibFuseMount mount;
    private final PathOperations operations;
    private final Gate gate;
    private final CountDownLatch ended = new CountDownLatch(1);
    private MountTable.@Nullable Entry mounted;
    private volatile int status;
    private volatile State state = State.MOUNTED;
    private volatile boolean unmounting;
    private volatile @Nullable Runnable onEnd;

    private JnrSession(Path mountPoint, LibFuseMount mount, PathOperations operations, Gate gate) {
        this.mountPoint = mountPoint;
        this.mount = mount;
        this.operations = operations;
        this.gate = gate;
    }

    /** Mounts and returns when libfuse has answered the kernel's INIT; what is asked later waits at the gate. */
    static JnrSession mount(
            MountOptions options, String libFuseOptions, LibFuseMount mount, PathOperations operations, Gate gate)
            throws IOException {
        JnrSession session = new JnrSession(options.mountPoint(), mount, operations, gate);
        session.start("rafsd", "-f", "-o", libFuseOptions, options.mountPoint().toString());
        return session;
    }

    private void start(String... arguments) throws IOException {
        Thread.ofPlatform().name("fuse-jnr").daemon(true).start(() -> run(arguments));
        long deadline = System.nanoTime() + MOUNT_PATIENCE.toNanos();
        try {
            while (!mount.greeted().await(20, TimeUnit.MILLISECONDS)) {
                if (ended.getCount() == 0) {
                    throw new Unsupported(
                            "libfuse could not mount at " + mountPoint + " (status " + status
                                    + ") and said why on standard error; is there a device /dev/fuse, and may this user mount?");
                }
                if (System.nanoTime() > deadline) {
                    throw new PosixError(
                            Errno.ETIMEDOUT,
                            "libfuse did not mount at " + mountPoint + " within " + MOUNT_PATIENCE.toSeconds() + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while mounting " + mountPoint);
        }
        mounted = MountTable.at(mountPoint);
    }

    private void run(String... arguments) {
        try {
            status = mount.run(arguments);
        } finally {
            gate.dismantle();
            state = State.ENDED;
            ended.countDown();
            Runnable told = onEnd;
            if (told != null && !unmounting) {
                told.run();
            }
        }
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void serve(Runnable whenEnded) throws IOException {
        onEnd = whenEnded;
        if (ended.getCount() == 0) {
            throw new PosixError(Errno.ENOTCONN, "the mount at " + mountPoint + " has gone; mount it again");
        }
        state = State.SERVING;
        gate.open();
    }

    @Override
    public void quiesce(Duration patience) throws IOException {
        if (state != State.SERVING) {
            return;
        }
        gate.shut();
        awaitEmpty(patience);
        if (ended.getCount() > 0) {
            state = State.MOUNTED;
        }
    }

    /**
     * Root aborts the connection, so that libfuse's loop ends even where files are open. For other users nothing can: the
     * loop is left behind until the last file is closed, and answers ENOTCONN.
     */
    @Override
    public void unmount() throws IOException {
        if (unmounting && state == State.ENDED) {
            return;
        }
        unmounting = true;
        quiesce(STOP_PATIENCE);
        MountTable.Entry before = mounted;
        if (before != null && MountPoint.holds(mountPoint, before)) {
            MountPoint.unmount(mountPoint, Mounts.MNT_FORCE);
        }
        gate.dismantle();
        operations.abandonReads();
        state = State.ENDED;
        try {
            if (!ended.await(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.atWarn()
                        .addKeyValue("mountpoint", mountPoint)
                        .log("libfuse still waits for files that are open below the mount point; its threads stay");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEmpty(Duration patience) {
        try {
            if (!gate.awaitEmpty(patience)) {
                log.atWarn()
                        .addKeyValue("mountpoint", mountPoint)
                        .log("requests are still being answered; they are left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        unmount();
    }
}
