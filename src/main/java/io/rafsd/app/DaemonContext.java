package io.rafsd.app;

import io.rafsd.app.cli.DaemonLaunch;
import io.rafsd.error.InvalidRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** Starts the Spring side of a daemon. */
final class DaemonContext {

    private DaemonContext() {}

    /**
     * Returns when the daemon serves.
     *
     * @throws IOException what made the start fail, not what Spring says of it
     */
    static ConfigurableApplicationContext start(DaemonLaunch launch) throws IOException {
        List<String> arguments = new ArrayList<>();
        Integer port = launch.actuatorPort();
        boolean web = port == null || port >= 0;
        if (port != null && port >= 0) {
            arguments.add("--server.port=" + port);
        }
        if (!web) {
            // All that Boot configures by itself is for a web server; looking through it would double the start.
            arguments.add("--spring.boot.enableautoconfiguration=false");
        }
        if (launch.loopbackOnly()) {
            arguments.add("--server.address=127.0.0.1");
        }
        if (launch.stateDirectory() != null) {
            arguments.add("--rafsd.state-dir=" + launch.stateDirectory());
        }
        SpringApplication application = new SpringApplicationBuilder(DaemonConfiguration.class)
                .web(web ? WebApplicationType.SERVLET : WebApplicationType.NONE)
                .registerShutdownHook(false)
                .logStartupInfo(false)
                .initializers(
                        context -> ((GenericApplicationContext) context).registerBean(DaemonLaunch.class, () -> launch))
                .build();
        try {
            return application.run(arguments.toArray(String[]::new));
        } catch (RuntimeException e) {
            throw cause(e);
        }
    }

    private static IOException cause(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException io) {
                return io;
            }
        }
        return new InvalidRequest("the daemon could not start: " + failure.getMessage(), failure);
    }
}
