package io.rafsd.app;

import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.app.config.RafsdProperties;
import io.rafsd.app.config.SidecarSettings;
import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonController;
import io.rafsd.daemon.DaemonSettings;
import io.rafsd.daemon.Lifecycle;
import io.rafsd.error.InvalidRequest;
import io.rafsd.mount.MountManager;
import io.rafsd.upgrade.Keepers;
import io.rafsd.upgrade.Succession;
import io.rafsd.upgrade.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The Spring side of a daemon: its parts, and over them Boot's web server where one is wanted. The parts come first and serve
 * before Boot looks for anything to configure, which takes several times as long.
 */
final class DaemonContext {

    /** The transport whose mounts go from one process to the next. */
    private static final String HANDS_OVER = "kernel";

    private final DaemonLaunch launch;
    private final Standby.Watcher watcher;
    private final AnnotationConfigApplicationContext parts = new AnnotationConfigApplicationContext();
    private @Nullable ConfigurableApplicationContext web;

    /** @param watcher is told how a standby fares */
    DaemonContext(DaemonLaunch launch, Standby.Watcher watcher) {
        this.launch = launch;
        this.watcher = watcher;
    }

    /**
     * Returns when the daemon serves.
     *
     * @param ending is told what to end
     * @throws IOException what made the start fail, not what Spring says of it
     */
    DaemonController start(Ending ending) throws IOException {
        try {
            Integer port = launch.actuatorPort();
            if (port != null && port < 0) {
                serve(new StandardEnvironment(), ending);
            } else {
                web = serveOverHttp(port, ending);
                ending.add(web::close);
            }
            ending.add(parts::close);
            return parts.getBean(DaemonController.class);
        } catch (RuntimeException e) {
            throw cause(e);
        }
    }

    private ConfigurableApplicationContext serveOverHttp(@Nullable Integer port, Ending ending) {
        List<String> arguments = new ArrayList<>();
        if (port != null) {
            arguments.add("--server.port=" + port);
        }
        if (launch.loopbackOnly()) {
            arguments.add("--server.address=127.0.0.1");
        }
        return new SpringApplicationBuilder(ActuatorApplication.class)
                .registerShutdownHook(false)
                .initializers(context -> {
                    try {
                        serve(context.getEnvironment(), ending);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    context.setParent(parts);
                })
                .run(arguments.toArray(String[]::new));
    }

    private void serve(ConfigurableEnvironment environment, Ending ending) throws IOException {
        Path state = launch.stateDirectory();
        if (state != null) {
            environment
                    .getPropertySources()
                    .addFirst(new MapPropertySource("launch", Map.of(RafsdProperties.STATE_DIR, state.toString())));
        }
        DaemonSettings given = launch.settings();
        DaemonSettings settings = given != null ? given : configured(environment);
        parts.setEnvironment(environment);
        parts.registerBean(DaemonSettings.class, () -> settings);
        parts.register(DaemonConfiguration.class);
        parts.refresh();
        DaemonController controller = parts.getBean(DaemonController.class);
        controller.setDaemon(parts.getBean(Daemon.class), parts.getBean(Lifecycle.class));
        ending.add(controller::shutDown);
        bringToServe(settings, controller, parts.getBean(Daemon.class));
    }

    private void bringToServe(DaemonSettings settings, DaemonController controller, Daemon daemon) throws IOException {
        Succession succession = launch.succession();
        Path keepers = keepers(settings, succession);
        Path estate = succession.estate();
        if (succession.standby() && keepers != null) {
            new Standby(keepers, controller, daemon, watcher).await();
            return;
        }
        if (keepers != null) {
            daemon.letKeep(Keepers.listen(keepers));
        }
        if (estate != null) {
            daemon.inheritFrom(new Supervisor(estate));
            controller.takeOver();
            controller.start();
        } else if (!settings.waits()) {
            controller.mountAndStart();
        }
    }

    /** Where keepers connect; null for nowhere. */
    private static @Nullable Path keepers(DaemonSettings settings, Succession succession) throws InvalidRequest {
        Path given = succession.keepers();
        Path control = settings.apiSocket();
        if (settings.supervisor() != null && (given != null || succession.isHeir())) {
            throw new InvalidRequest("--supervisor names a supervisor that has its own fail-over;"
                    + " a standby or rafsd supervise beside it would serve the mount twice: use one of both");
        }
        if (given != null || settings.isSingleton() || settings.supervisor() != null) {
            return settings.isSingleton() ? null : given;
        }
        if (control == null && succession.standby()) {
            throw new InvalidRequest("a standby needs --apisock or --standby-socket, to find the daemon it stands by");
        }
        return control == null || !settings.transport().equals(HANDS_OVER) ? null : Succession.beside(control);
    }

    private DaemonSettings configured(ConfigurableEnvironment environment) throws IOException {
        try {
            return SidecarSettings.of(
                    Binder.get(environment).bindOrCreate("rafsd", RafsdProperties.class),
                    launch.succession().isHeir());
        } catch (BindException e) {
            ConfigurationProperty given = e.getProperty();
            throw new InvalidRequest(
                    given == null
                            ? "the rafsd.* properties cannot be read: " + e.getMessage()
                            : "property " + given.getName() + " cannot be '" + given.getValue() + "' ("
                                    + given.getOrigin() + "); see the table of properties in CONFIGURATION.md",
                    e);
        }
    }

    /** What the daemon consists of, once started. */
    MountManager mounts() {
        return parts.getBean(MountManager.class);
    }

    /** The port of health, metrics and endpoints, once started with one. */
    int actuatorPort() {
        ConfigurableApplicationContext context = web;
        if (context == null) {
            throw new IllegalStateException("the daemon has no actuator");
        }
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static IOException cause(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException taken) {
                return new InvalidRequest(
                        "actuator port " + taken.getPort()
                                + " is in use; choose another one, or 0 for any that is free",
                        failure);
            }
            if (cause instanceof IOException io) {
                return io;
            }
        }
        return new InvalidRequest("the daemon could not start: " + failure.getMessage(), failure);
    }
}
