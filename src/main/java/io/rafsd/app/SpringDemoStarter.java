package io.rafsd.app;

import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.fuse.FailoverPolicy;
import io.rafsd.fuse.MountOptions;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Starts the daemon for the demonstration: the real one, in this process. */
final class SpringDemoStarter implements DaemonStarter {

    private static final int ANY_PORT = 0;

    @Override
    public RunningDaemon start(String reference, Path mountPoint, Path stateDirectory, Runnable afterwards)
            throws IOException {
        MountSpec image = new MountSpec.ByReference(
                reference,
                new BackendConfig.Registry("", "", "", null, null, false, BackendConfig.HttpSettings.DEFAULT),
                ImageSettings.defaults(null));
        MountOptions options = new MountOptions(
                mountPoint, MountOptions.DEFAULT_THREADS, true, true, MountOptions.DEFAULT_READ_AHEAD_KIB);
        DaemonSettings settings =
                new DaemonSettings(null, null, null, options, "kernel", image, "/", FailoverPolicy.RESEND, null, false);
        Ending ending = new Ending();
        DaemonContext context =
                new DaemonContext(new DaemonLaunch(settings, stateDirectory, ANY_PORT, true), Standby.Watcher.NOBODY);
        try {
            DaemonController controller = context.start(ending);
            ending.add(afterwards::run);
            return new Started(context, controller, ending);
        } catch (IOException e) {
            ending.close();
            throw e;
        }
    }

    private record Started(DaemonContext context, DaemonController controller, Ending ending) implements RunningDaemon {

        @Override
        public String state() {
            return controller.state().name();
        }

        @Override
        public URI actuator() {
            return URI.create("http://127.0.0.1:" + context.actuatorPort() + "/actuator");
        }

        @Override
        public MountManager mounts() {
            return context.mounts();
        }

        @Override
        public void await() throws InterruptedException {
            controller.await();
        }

        @Override
        public void close() {
            ending.close();
        }
    }
}
