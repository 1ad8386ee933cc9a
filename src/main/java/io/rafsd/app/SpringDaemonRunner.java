package io.rafsd.app;

import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.app.cli.DaemonRunner;
import io.rafsd.app.config.NydusConfig;
import io.rafsd.control.ControlServer;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.mount.MountSpec;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs the daemon in this process: the control socket first, then Spring, which mounts; ends in order when it is asked to
 * or its mount goes.
 */
final class SpringDaemonRunner implements DaemonRunner {

    @Override
    public int run(DaemonLaunch launch) throws IOException {
        try (Ending ending = new Ending()) {
            try {
                CompletableFuture<DaemonController> ready = new CompletableFuture<>();
                openControlSocket(launch.settings(), ready, ending);
                DaemonContext context = new DaemonContext(launch);
                DaemonController controller = context.start(ending);
                ready.complete(controller);
                ending.add(launch.whenEnded()::run);
                launch.whenServing().run();
                controller.await();
                return 0;
            } catch (IOException e) {
                if (ending.hasBegun()) {
                    return 0;
                }
                throw e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PosixError(Errno.EINTR, "interrupted while the daemon served");
            }
        }
    }

    private static void openControlSocket(
            @Nullable DaemonSettings settings, CompletableFuture<DaemonController> ready, Ending ending)
            throws IOException {
        Path socket = settings == null ? null : settings.apiSocket();
        if (settings == null || socket == null) {
            return;
        }
        ControlServer control = ControlServer.start(
                socket, settings.id(), settings.supervisor(), ready, SpringDaemonRunner::parse, LogLevels::set);
        ending.add(control::close);
    }

    private static MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles)
            throws IOException {
        if (!fsType.equals("rafs")) {
            throw new InvalidRequest("fs_type '" + fsType + "' is not part of this version; use rafs");
        }
        NydusConfig parsed = NydusConfig.parse(config, null);
        Path bootstrap;
        try {
            bootstrap = Path.of(source);
        } catch (InvalidPathException e) {
            throw new InvalidRequest("source is no path of a bootstrap: " + e.getReason(), e);
        }
        return new MountSpec.LocalBootstrap(bootstrap, parsed.backend(), parsed.settings(), prefetchFiles);
    }
}
