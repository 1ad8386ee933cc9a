package io.rafsd.demo.registry;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract that the embedded registry keeps is the real one's. */
class DockerRegistryIT extends RegistryContract {

    @TempDir
    private Path directory;

    private DockerRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.start(directory);
    }

    @AfterEach
    void close() {
        if (registry != null) {
            registry.close();
        }
    }

    @Override
    protected URI address() {
        return registry.address();
    }
}
