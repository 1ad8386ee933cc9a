package io.rafsd.app;

import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.app.demo.DaemonStarter;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.fuse.MountOptions;
import io.rafsd.mount.MountManager;
import io.rafsd.mount.MountSpec;
import io.rafsd.mount.MountSpec.ImageSettings;
import io.rafsd.storage.backend.BackendConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.context.ConfigurableApplicationContext;

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
        DaemonSettings settings = new DaemonSettings(null, null, null, options, "kernel", image, "/", false);
        ConfigurableApplicationContext context =
                DaemonContext.start(new DaemonLaunch(settings, stateDirectory, ANY_PORT, true));
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            try {
                context.getBean(DaemonController.class).shutDown();
                afterwards.run();
            } finally {
                Runtime.getRuntime().halt(0);
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        return new Started(context, context.getBean(DaemonController.class));
    }

    private record Started(ConfigurableApplicationContext context, DaemonController controller)
            implements RunningDaemon {

        @Override
        public String state() {
            return controller.state().name();
        }

        @Override
        public URI actuator() {
            String port = context.getEnvironment().getRequiredProperty("local.server.port");
            return URI.create("http://127.0.0.1:" + port + "/actuator");
        }

        @Override
        public MountManager mounts() {
            return context.getBean(MountManager.class);
        }

        @Override
        public void await() throws InterruptedException {
            controller.await();
        }

        @Override
        public void close() {
            controller.shutDown();
            context.close();
        }
    }
}
