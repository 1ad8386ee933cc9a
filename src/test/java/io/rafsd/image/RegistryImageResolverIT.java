package io.rafsd.image;

import io.rafsd.demo.registry.DockerRegistry;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The same with a real registry. */
class RegistryImageResolverIT extends ImageResolverContract {

    @TempDir
    private Path storage;

    private DockerRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.start(storage);
    }

    @AfterEach
    void close() {
        if (registry != null) {
            registry.close();
        }
    }

    @Override
    URI address() {
        return registry.address();
    }
}
