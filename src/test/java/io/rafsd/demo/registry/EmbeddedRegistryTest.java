package io.rafsd.demo.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest extends RegistryContract {

    @TempDir
    private Path directory;

    private EmbeddedRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = EmbeddedRegistry.start(directory.resolve("blobs"));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Override
    protected URI address() {
        return registry.address();
    }

    @Test
    void fileIsServedFromWhereItLies() throws Exception {
        Path file = Files.writeString(directory.resolve("blob"), "on my own shelf");
        String digest = registry.addBlob(file);
        HttpResponse<byte[]> answer = new PushClient(address(), "any/name").blob(digest, Map.of());
        assertThat(answer.body()).asString(StandardCharsets.UTF_8).isEqualTo("on my own shelf");
        assertThat(directory.resolve("blobs")).isEmptyDirectory();
    }

    @Test
    void rangeBehindTheEndIsRefusedWithTheSize() throws Exception {
        String digest = registry.addBlob(Files.writeString(directory.resolve("blob"), "0123456789"));
        HttpResponse<byte[]> refused =
                new PushClient(address(), "any/name").blob(digest, Map.of("Range", "bytes=10-11"));
        assertThat(refused.statusCode()).isEqualTo(416);
        assertThat(refused.headers().firstValue("Content-Range")).contains("bytes */10");
    }

    @Test
    void trafficTellsWhichPartsOfWhichBlobWereFetched() throws Exception {
        String digest = registry.addBlob(Files.writeString(directory.resolve("blob"), "0123456789"));
        PushClient client = new PushClient(address(), "any/name");
        client.blob(digest, Map.of("Range", "bytes=2-4"));
        client.blob(digest, Map.of());
        assertThat(registry.traffic().transfers())
                .containsExactly(new Traffic.Transfer(digest, 2, 3), new Traffic.Transfer(digest, 0, 10));
        assertThat(registry.traffic().blobBytes()).isEqualTo(13);
        assertThat(registry.traffic().bytesByBlob()).containsExactly(Map.entry(digest, 13L));
        assertThat(registry.traffic().requests()).isEqualTo(2);
    }

    @Test
    void tokenIsAskedForGivenToTheRightUserAndExpires() throws Exception {
        Access access = new Access.Token("ann", "secret", Duration.ZERO);
        try (EmbeddedRegistry guarded = EmbeddedRegistry.start(directory.resolve("guarded"), access, 0)) {
            PushClient client = new PushClient(guarded.address(), "team/app");
            HttpResponse<byte[]> refused = client.manifest("v1");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
                    .isEqualTo("Bearer realm=\"" + guarded.address()
                            + "/token\",service=\"rafsd demo registry\",scope=\"repository:team/app:pull\"");
            assertThat(client.get("/token", basic("ann:wrong")).statusCode()).isEqualTo(401);

            HttpResponse<byte[]> issued = client.get("/token", basic("ann:secret"));
            String token =
                    Conversation.JSON.readTree(issued.body()).path("token").asString();
            assertThat(client.get("/v2/", Map.of("Authorization", "Bearer " + token))
                            .statusCode())
                    .isEqualTo(401);
            assertThat(guarded.traffic().tokens()).isEqualTo(1);
            assertThat(access.toString()).doesNotContain("secret");
        }
    }

    @Test
    void freshTokenOpensTheDoor() throws Exception {
        Access access = new Access.Token("", "", Duration.ofMinutes(1));
        try (EmbeddedRegistry guarded = EmbeddedRegistry.start(directory.resolve("guarded"), access, 0)) {
            PushClient client = new PushClient(guarded.address(), "team/app");
            String token = Conversation.JSON
                    .readTree(client.get("/token", Map.of()).body())
                    .path("token")
                    .asString();
            assertThat(client.get("/v2/", Map.of("Authorization", "Bearer " + token))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(client.get("/v2/", Map.of("Authorization", "Bearer guessed"))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void strangePathsAreRefusedAndHarmNobody() throws Exception {
        PushClient client = new PushClient(address(), "team/app");
        for (String path : new String[] {
            "/", "/v2/team/app", "/v2/UPPER/blobs/sha256:0", "/v2/a/blobs/..%2f..%2fetc", "/v2/a/blobs/uploads/..%2fx"
        }) {
            assertThat(client.get(path, Map.of()).statusCode()).as(path).isBetween(400, 405);
        }
        assertThat(client.get("/v2/" + "a/".repeat(20_000) + "a/tags/list", Map.of())
                        .statusCode())
                .isEqualTo(400);
        assertThat(client.get("/v2/", Map.of()).statusCode()).isEqualTo(200);
    }

    private static Map<String, String> basic(String userAndPassword) {
        return Map.of(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8)));
    }
}
