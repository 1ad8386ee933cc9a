package io.rafsd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.demo.registry.EmbeddedRegistry;
import io.rafsd.demo.registry.PushClient;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.oci.ImageReference;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import io.rafsd.storage.backend.registry.ScriptedServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryImageResolverTest extends ImageResolverContract {

    @TempDir
    private Path blobs;

    @TempDir
    private Path bootstraps;

    private EmbeddedRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = EmbeddedRegistry.start(blobs);
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Override
    URI address() {
        return registry.address();
    }

    @Test
    void secondResolveFetchesNoBlob() throws Exception {
        TestImage.gzipped().push(client(), "v1");
        resolve(":v1");
        long sent = registry.traffic().blobBytes();
        assertThat(sent).isPositive();
        resolve(":v1");
        assertThat(registry.traffic().blobBytes()).isEqualTo(sent);
    }

    /** A registry that flips one bit of what it serves below a path. */
    private void resolveFlipped(TestImage image, String flippedPath, String name) throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, out) -> {
                    byte[] body = (request.path().contains("/manifests/") ? image.manifest() : image.layer()).clone();
                    if (request.path().contains(flippedPath)) {
                        body[body.length / 2] ^= 1;
                    }
                    ScriptedServer.say(out, 200, Map.of(), body);
                });
                HttpTransport http = new PooledHttpTransport()) {
            BackendConfig.Registry config = new BackendConfig.Registry(
                    "", server.host(), "team/app", null, null, false, BackendConfig.HttpSettings.DEFAULT);
            new RegistryImageResolver(config, http, _ -> null)
                    .resolve(ImageReference.parse(server.host() + "/team/app" + name), bootstraps);
        }
    }

    @Test
    void flippedManifestIsRefused() throws Exception {
        TestImage image = TestImage.gzipped();
        String digest = PushClient.digest(image.manifest());
        resolveFlipped(image, "nowhere", "@" + digest);
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> resolveFlipped(image, "/manifests/", "@" + digest))
                .withMessageContaining(digest);
    }

    @Test
    void flippedBootstrapLayerIsRefusedAndNothingOfItStays() throws Exception {
        TestImage image = TestImage.gzipped();
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> resolveFlipped(image, "/blobs/", ":v1"))
                .withMessageContaining(image.layerDigest());
        assertThat(bootstraps).isEmptyDirectory();
    }
}
