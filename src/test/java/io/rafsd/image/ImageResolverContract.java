package io.rafsd.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.demo.registry.PushClient;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.oci.ImageReference;
import io.rafsd.oci.MediaTypes;
import io.rafsd.oci.Platform;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a reference to a bootstrap, through any registry. */
abstract class ImageResolverContract {

    @TempDir
    private Path directory;

    private final HttpTransport http = new PooledHttpTransport();

    /** An empty registry. */
    abstract URI address();

    @AfterEach
    void closeTransport() {
        http.close();
    }

    final PushClient client() {
        return new PushClient(address(), "team/app");
    }

    final ImageResolver.ResolvedImage resolve(String name) throws Exception {
        String host = address().getRawAuthority();
        BackendConfig.Registry config =
                new BackendConfig.Registry("", host, "team/app", null, null, false, BackendConfig.HttpSettings.DEFAULT);
        return new RegistryImageResolver(config, http, _ -> null)
                .resolve(ImageReference.parse(host + "/team/app" + name), directory);
    }

    @Test
    void tagLeadsToTheBootstrap() throws Exception {
        TestImage image = TestImage.gzipped();
        String digest = image.push(client(), "v1");
        ImageResolver.ResolvedImage resolved = resolve(":v1");
        assertThat(resolved.bootstrap()).hasBinaryContent(TestImage.BOOTSTRAP);
        assertThat(resolved.fsVersion()).isEqualTo("6");
        assertThat(resolved.size()).isEqualTo(TestImage.BLOB.length + image.layer().length);
        assertThat(resolved.reference().digest()).isEqualTo(digest);
        assertThat(resolve("@" + digest).bootstrap()).hasBinaryContent(TestImage.BOOTSTRAP);
    }

    @Test
    void plainTarIsReadToo() throws Exception {
        TestImage.of(TestImage.tar(), Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true"))
                .push(client(), "plain");
        assertThat(resolve(":plain").bootstrap()).hasBinaryContent(TestImage.BOOTSTRAP);
    }

    @Test
    void indexLeadsToTheImageOfThisMachine() throws Exception {
        TestImage image = TestImage.gzipped();
        String digest = image.push(client(), "v1");
        Platform here = Platform.current();
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.INDEX + "\",\"manifests\":[{\"mediaType\":\""
                        + MediaTypes.MANIFEST + "\",\"digest\":\"" + digest + "\",\"size\":" + image.manifest().length
                        + ",\"platform\":{\"os\":\"" + here.os() + "\",\"architecture\":\"%s\"}}]}";
        client().pushManifest(
                        "all",
                        MediaTypes.INDEX,
                        index.formatted(here.architecture()).getBytes(StandardCharsets.UTF_8));
        assertThat(resolve(":all").reference().digest()).isEqualTo(digest);
        client().pushManifest(
                        "others", MediaTypes.INDEX, index.formatted("s390x").getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> resolve(":others"))
                .withMessageContaining(here.toString())
                .withMessageContaining("only for linux/s390x");
    }

    @Test
    void ordinaryImageIsRefusedWithARemedy() throws Exception {
        TestImage.of(TestImage.tar(), Map.of()).push(client(), "ordinary");
        assertThatExceptionOfType(InvalidImage.class)
                .isThrownBy(() -> resolve(":ordinary"))
                .withMessageContaining("no RAFS image")
                .withMessageContaining("convert");
    }

    @Test
    void encryptedImageIsRefusedByName() throws Exception {
        TestImage.of(
                        TestImage.tar(),
                        Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true", MediaTypes.ENCRYPTED_ANNOTATION, "true"))
                .push(client(), "secret");
        assertThatExceptionOfType(Unsupported.class)
                .isThrownBy(() -> resolve(":secret"))
                .withMessageContaining("encrypted");
    }

    @Test
    void layerWithoutABootstrapIsRefused() throws Exception {
        byte[] noTar = "no tar at all".repeat(100).getBytes(StandardCharsets.UTF_8);
        TestImage.of(noTar, Map.of(MediaTypes.BOOTSTRAP_ANNOTATION, "true")).push(client(), "broken");
        assertThatExceptionOfType(InvalidImage.class).isThrownBy(() -> resolve(":broken"));
    }

    @Test
    void absentTagIsNotFound() throws Exception {
        TestImage.gzipped().push(client(), "v1");
        assertThatExceptionOfType(BackendFailure.class)
                .isThrownBy(() -> resolve(":v2"))
                .matches(e -> e.kind() == BackendFailure.Kind.NOT_FOUND)
                .withMessageContaining("manifests/v2")
                .withMessageContaining("MANIFEST_UNKNOWN");
    }

    @Test
    void damagedCopyOnDiskIsFetchedAgain() throws Exception {
        TestImage image = TestImage.gzipped();
        image.push(client(), "v1");
        Path bootstrap = resolve(":v1").bootstrap();
        String hex = image.layerDigest().substring("sha256:".length());
        Files.writeString(directory.resolve(hex + ".layer"), "damaged");
        Files.writeString(bootstrap, "damaged");
        assertThat(resolve(":v1").bootstrap()).hasBinaryContent(TestImage.BOOTSTRAP);
        try (var files = Files.list(directory)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".part"));
        }
    }
}
