package io.rafsd.app.actuator;

import io.rafsd.mount.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Gives the web server one directory for its files that goes with it. Those that it would make for itself stay behind when a
 * signal ends the process.
 */
@Configuration(proxyBeanMethods = false)
public class WebServerFiles {

    @Bean(destroyMethod = "close")
    TemporaryDirectory webServerDirectory() throws IOException {
        return new TemporaryDirectory(Files.createTempDirectory("rafsd-web-"));
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> webServerHome(TemporaryDirectory webServerDirectory)
            throws IOException {
        Path base = Files.createDirectory(webServerDirectory.path().resolve("base"));
        Path documents = Files.createDirectory(webServerDirectory.path().resolve("documents"));
        return factory -> {
            factory.setBaseDirectory(base.toFile());
            factory.setDocumentRoot(documents.toFile());
        };
    }
}
