package io.rafsd.app;

import io.rafsd.app.cli.ControlAddress;
import io.rafsd.app.cli.DaemonHost;
import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.control.ControlServer;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.fuse.MountOptions;
import io.rafsd.fuse.MountPoint;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs the daemon in this process: the control socket first, then Spring, which mounts; ends in order when it is asked to
 * or its mount goes.
 */
final class SpringDaemonRunner implements DaemonHost {

    private final CompletableFuture<DaemonController> ready = new CompletableFuture<>();
    private @Nullable ControlAddress answering;
    private @Nullable ControlServer server;
    /** Whether the control socket was that of a daemon which died. */
    private boolean predecessor;
    /** Of the process, from the first thing that has to be ended. */
    private @Nullable Ending ending;

    @Override
    public void answer(ControlAddress address) throws IOException {
        ControlServer control = ControlServer.start(
                address.standby() ? Succession.waiting(address.socket()) : address.socket(),
                address.id(),
                address.supervisor(),
                ready,
                new NydusDocuments(),
                LogLevels::set);
        begin().add(control::close);
        predecessor = control.hadPredecessor();
        answering = address;
        server = control;
    }

    @Override
    public int run(DaemonLaunch launch) throws IOException {
        try (Ending begun = begin()) {
            return serve(launch, begun);
        }
    }

    private Ending begin() {
        Ending known = ending;
        if (known == null) {
            known = new Ending();
            ending = known;
        }
        return known;
    }

    private int serve(DaemonLaunch launch, Ending begun) throws IOException {
        try {
            ControlAddress address = address(launch);
            if (address != null && !address.equals(answering)) {
                answer(address);
            }
            DaemonController controller = new DaemonContext(afterCrash(launch), watcher()).start(begun);
            ready.complete(controller);
            begun.add(launch.whenEnded()::run);
            launch.whenServing().run();
            controller.await();
            return 0;
        } catch (IOException e) {
            if (begun.hasBegun() || e instanceof Standby.Dismissed) {
                return 0;
            }
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while the daemon served");
        }
    }

    private Standby.Watcher watcher() {
        return new Standby.Watcher() {
            @Override
            public void waits(DaemonController controller) {
                ready.complete(controller);
            }

            @Override
            public void tookOver() throws IOException {
                ControlServer moved = server;
                ControlAddress address = answering;
                if (moved != null && address != null) {
                    moved.moveTo(address.socket());
                }
            }
        };
    }

    /** Where a daemon died and somebody keeps its mount, its successor waits to be told to take that over. */
    private DaemonLaunch afterCrash(DaemonLaunch launch) throws IOException {
        DaemonSettings settings = launch.settings();
        MountOptions mount = settings == null ? null : settings.mount();
        if (!predecessor || settings == null || mount == null || settings.supervisor() == null || settings.waits()) {
            return launch;
        }
        return MountPoint.served(mount.mountPoint()) == null ? launch : launch.with(settings.waiting());
    }

    @Override
    public void close() {
        Ending known = ending;
        if (known != null) {
            known.close();
        }
    }

    private static @Nullable ControlAddress address(DaemonLaunch launch) {
        DaemonSettings settings = launch.settings();
        Path socket = settings == null ? null : settings.apiSocket();
        return settings == null || socket == null
                ? null
                : new ControlAddress(
                        socket,
                        settings.id(),
                        settings.supervisor(),
                        launch.succession().standby());
    }
}
