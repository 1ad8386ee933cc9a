package io.rafsd.storage.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whatever docker's configuration holds: a credential is found in it or not, and neither hurts. */
class DockerConfigFuzzTest {

    @FuzzTest
    void anyFileIsReadToItsEnd(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("docker", ".json");
        try {
            Files.write(file, bytes);
            for (String host : new String[] {"index.docker.io", "registry.example.com:5000"}) {
                Credential found = new DockerConfig(file).find(host);
                if (found != null) {
                    assertThat(found.basic()).startsWith("Basic ").doesNotContain("\n", "\r");
                    assertThat(found.toString()).endsWith(", ***]");
                }
            }
        } finally {
            Files.delete(file);
        }
    }
}
