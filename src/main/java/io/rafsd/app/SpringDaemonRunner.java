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
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Runs the daemon in this process: the control socket first, then Spring, which mounts; ends in order when it is asked to
 * or its mount goes.
 */
final class SpringDaemonRunner implements DaemonRunner {

    @Override
    public int run(DaemonLaunch launch) throws IOException {
        CompletableFuture<DaemonController> ready = new CompletableFuture<>();
        DaemonSettings settings = launch.settings();
        Path socket = settings == null ? null : settings.apiSocket();
        ControlSocket control = ControlSocket.open(socket, settings, ready);
        try {
            ConfigurableApplicationContext context = DaemonContext.start(launch);
            DaemonController controller = context.getBean(DaemonController.class);
            Thread hook = endOnSignal(launch, controller, control, context);
            ready.complete(controller);
            launch.whenServing().run();
            controller.await();
            control.close();
            controller.shutDown();
            context.close();
            launch.whenEnded().run();
            removeQuietly(hook);
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PosixError(Errno.EINTR, "interrupted while the daemon served");
        } finally {
            control.close();
        }
    }

    /** A signal ends the process with 0 when all is cleaned up: it is the normal way to end a daemon. */
    private static Thread endOnSignal(
            DaemonLaunch launch,
            DaemonController controller,
            ControlSocket control,
            ConfigurableApplicationContext context) {
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            try {
                control.close();
                controller.shutDown();
                context.close();
                launch.whenEnded().run();
            } catch (IOException e) {
                System.err.println("Error: " + e.getMessage());
            } finally {
                Runtime.getRuntime().halt(0);
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    private static void removeQuietly(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook does the rest.
        }
    }

    /** The control server, or none where no socket is wanted. */
    private record ControlSocket(@Nullable ControlServer server) {

        static ControlSocket open(
                @Nullable Path socket, @Nullable DaemonSettings settings, CompletableFuture<DaemonController> ready)
                throws IOException {
            if (socket == null || settings == null) {
                return new ControlSocket(null);
            }
            return new ControlSocket(ControlServer.start(
                    socket, settings.id(), settings.supervisor(), ready, ControlSocket::parse, LogLevels::set));
        }

        private static MountSpec parse(String source, String fsType, String config, List<String> prefetchFiles)
                throws IOException {
            if (!fsType.equals("rafs")) {
                throw new InvalidRequest("fs_type '" + fsType + "' is not part of this version; use rafs");
            }
            NydusConfig parsed = NydusConfig.parse(config, null);
            return new MountSpec.LocalBootstrap(Path.of(source), parsed.backend(), parsed.settings(), prefetchFiles);
        }

        void close() {
            if (server != null) {
                server.close();
            }
        }
    }
}
