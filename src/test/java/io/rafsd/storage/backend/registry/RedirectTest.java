package io.rafsd.storage.backend.registry;

import static io.rafsd.storage.backend.registry.Asking.BLOB;
import static io.rafsd.storage.backend.registry.Asking.BLOB_PATH;
import static io.rafsd.storage.backend.registry.Asking.failure;
import static io.rafsd.storage.backend.registry.Asking.part;
import static io.rafsd.storage.backend.registry.Asking.read;
import static io.rafsd.storage.backend.registry.Asking.reader;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import io.rafsd.storage.credentials.Credential;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A registry that keeps its blobs elsewhere sends us there. */
class RedirectTest {

    private static final Credential ANN = new Credential("ann", "secret");

    private final HttpTransport http = new PooledHttpTransport();
    private ScriptedServer registry;
    private ScriptedServer storage;

    @BeforeEach
    void start() throws Exception {
        storage = new ScriptedServer((request, out) -> ScriptedServer.range(request, out, BLOB));
        registry = new ScriptedServer((request, out) -> {
            if (request.header("Authorization").equals(ANN.basic())) {
                ScriptedServer.say(
                        out, 307, Map.of("Location", "http://" + storage.host() + "/bucket/blob?X-Signature=hidden"));
            } else {
                ScriptedServer.say(out, 401, Map.of("WWW-Authenticate", "Basic realm=\"here\""));
            }
        });
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        registry.close();
        storage.close();
    }

    private BlobReader loggedIn() {
        return reader(registry.host(), http, _ -> ANN);
    }

    @Test
    void storageGetsTheRangeButNeverOurCredentials() throws Exception {
        assertThat(read(loggedIn(), 10, 20)).isEqualTo(part(10, 20));
        assertThat(storage.requests()).singleElement().satisfies(request -> {
            assertThat(request.headers()).doesNotContainKey("authorization");
            assertThat(request.header("Range")).isEqualTo("bytes=10-29");
        });
    }

    @Test
    void whereItLedIsRememberedSoThatALaterReadCostsOneRequest() throws Exception {
        BlobReader reader = loggedIn();
        read(reader, 10, 20);
        int asked = registry.requests().size();
        for (int i = 0; i < 10; i++) {
            read(reader, i, 20);
        }
        assertThat(registry.requests()).hasSize(asked);
        assertThat(storage.requests()).hasSize(11);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410, 500})
    void addressThatNoLongerWorksIsAskedForAgainOnce(int status) throws Exception {
        BlobReader reader = loggedIn();
        read(reader, 10, 20);
        int asked = registry.requests().size();
        int[] refusals = {1};
        storage.script((request, out) -> {
            if (refusals[0]-- > 0) {
                ScriptedServer.say(out, status, Map.of());
            } else {
                ScriptedServer.range(request, out, BLOB);
            }
        });
        assertThat(read(reader, 10, 20)).isEqualTo(part(10, 20));
        assertThat(registry.requests()).hasSize(asked + 1);
    }

    @Test
    void storageThatKeepsRefusingFailsTheReadWithoutShowingTheSignature() {
        storage.script((_, out) ->
                ScriptedServer.say(out, 403, Map.of(), "X-Signature=hidden".getBytes(StandardCharsets.UTF_8)));
        BackendFailure failure = failure(loggedIn(), 10, 20);
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.AUTH);
        assertThat(failure).hasMessageContaining(registry.host()).hasMessageContaining("team/app");
        assertThat(failure.toString()).doesNotContain("hidden").doesNotContain("secret");
        assertThat(storage.requests()).hasSize(1);
    }

    @Test
    void storageThatHasGoneAwayIsReplacedByWhereTheRegistryNowPoints() throws Exception {
        BlobReader reader = loggedIn();
        read(reader, 10, 20);
        storage.close();
        storage = new ScriptedServer((request, out) -> ScriptedServer.range(request, out, BLOB));
        assertThat(read(reader, 10, 20)).isEqualTo(part(10, 20));
    }

    @Test
    void relativeAddressAndSeveralHopsAreFollowed() throws Exception {
        registry.script((request, out) -> {
            boolean first = request.path().equals(BLOB_PATH);
            ScriptedServer.say(
                    out,
                    first ? 302 : 308,
                    Map.of("Location", first ? "../elsewhere?x=1" : "http://" + storage.host() + "/first"));
        });
        storage.script((request, out) -> {
            if (request.path().equals("/first")) {
                ScriptedServer.say(out, 303, Map.of("Location", "/second"));
            } else {
                ScriptedServer.range(request, out, BLOB);
            }
        });
        assertThat(read(reader(registry.host(), http), 10, 20)).isEqualTo(part(10, 20));
        assertThat(registry.requests().getLast().target()).isEqualTo("/v2/team/app/elsewhere?x=1");
        assertThat(storage.requests().getLast().target()).isEqualTo("/second");
    }

    @Test
    void circleEnds() {
        registry.script((_, out) -> ScriptedServer.say(out, 307, Map.of("Location", "/again")));
        BackendFailure failure = failure(reader(registry.host(), http), 10, 20);
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.FATAL);
        assertThat(registry.requests()).hasSize(11);
        assertThat(registry.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ftp://127.0.0.1/x", "http://", "http:///x", "::", "file:///etc/passwd"})
    void addressThatIsNoneIsRefused(String location) {
        registry.script((_, out) -> ScriptedServer.say(out, 307, Map.of("Location", location)));
        BackendFailure failure = failure(reader(registry.host(), http), 10, 20);
        assertThat(failure.kind()).isEqualTo(BackendFailure.Kind.FATAL);
    }

    @Test
    void sameHostOnAnotherPortIsAnotherOrigin() throws Exception {
        registry.script((request, out) -> {
            if (request.header("Authorization").isEmpty()) {
                ScriptedServer.say(out, 401, Map.of("WWW-Authenticate", "Basic realm=\"here\""));
            } else if (request.path().equals(BLOB_PATH)) {
                ScriptedServer.say(out, 307, Map.of("Location", "http://" + registry.host() + "/same"));
            } else {
                ScriptedServer.say(out, 307, Map.of("Location", "http://" + storage.host() + "/other"));
            }
        });
        read(loggedIn(), 10, 20);
        assertThat(registry.requests().getLast().header("Authorization")).isEqualTo(ANN.basic());
        assertThat(storage.requests().getLast().headers()).doesNotContainKey("authorization");
    }
}
