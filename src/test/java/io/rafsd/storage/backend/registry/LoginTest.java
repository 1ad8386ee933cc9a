package io.rafsd.storage.backend.registry;

import static io.rafsd.storage.backend.registry.Asking.BLOB;
import static io.rafsd.storage.backend.registry.Asking.failure;
import static io.rafsd.storage.backend.registry.Asking.part;
import static io.rafsd.storage.backend.registry.Asking.read;
import static io.rafsd.storage.backend.registry.Asking.reader;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.backend.http.PooledHttpTransport;
import io.rafsd.storage.credentials.Credential;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry that wants to know who we are. */
class LoginTest {

    private static final Credential ANN = new Credential("ann", "secret");

    private final HttpTransport http = new PooledHttpTransport();
    private final AtomicReference<String> valid = new AtomicReference<>("t1");
    private final AtomicReference<String> life = new AtomicReference<>("3600");
    private String challenge = "";
    private ScriptedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer(this::answer);
        challenge = "Bearer realm=\"http://" + server.host() + "/token?account=a=b\",service=\"the, service\"";
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        server.close();
    }

    private void answer(ScriptedServer.Request request, OutputStream out) throws Exception {
        if (request.path().equals("/token")) {
            token(out);
        } else if (request.header("Authorization").equals("Bearer " + valid.get())) {
            ScriptedServer.range(request, out, BLOB);
        } else {
            ScriptedServer.say(out, 401, Map.of("WWW-Authenticate", challenge));
        }
    }

    private void token(OutputStream out) throws Exception {
        json(out, "{\"token\":\"" + valid.get() + "\",\"expires_in\":" + life.get() + "}");
    }

    private static void json(OutputStream out, String text) throws Exception {
        ScriptedServer.say(out, 200, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    private List<ScriptedServer.Request> tokenRequests() {
        return server.requests().stream()
                .filter(request -> request.path().equals("/token"))
                .toList();
    }

    @Test
    void tokenIsAskedForOnceAndUsedFromThenOn() throws Exception {
        BlobReader reader = reader(server.host(), http, _ -> ANN);
        for (int i = 0; i < 5; i++) {
            assertThat(read(reader, i, 20)).isEqualTo(part(i, 20));
        }
        assertThat(tokenRequests()).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("GET");
            assertThat(request.target())
                    .isEqualTo("/token?account=a=b&scope=repository%3Ateam%2Fapp%3Apull&service=the%2C+service");
            assertThat(request.header("Authorization")).isEqualTo(ANN.basic());
        });
        assertThat(server.requests()).hasSize(7);
    }

    @Test
    void tokenIsGivenToWhoHasNoNameToo() throws Exception {
        read(reader(server.host(), http), 1, 2);
        assertThat(tokenRequests())
                .singleElement()
                .satisfies(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
    }

    @Test
    void scopeOfTheChallengeIsKept() throws Exception {
        challenge += ",scope=\"repository:other:pull,push\"";
        read(reader(server.host(), http), 1, 2);
        assertThat(tokenRequests().getFirst().target()).contains("scope=repository%3Aother%3Apull%2Cpush");
    }

    @Test
    void hundredReadersWithAnExpiredTokenCostOneTokenRequest() throws Exception {
        BlobReader reader = reader(server.host(), http, _ -> ANN);
        read(reader, 0, 10);
        valid.set("t2");
        CountDownLatch ready = new CountDownLatch(100);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int at = i;
                reads.add(threads.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return read(reader, at, 50);
                }));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(reads.get(i).get()).isEqualTo(part(i, 50));
            }
        }
        assertThat(tokenRequests()).hasSize(2);
    }

    @Test
    void hundredReadersWithTheWrongPasswordCostOneTokenRequest() throws Exception {
        refuseTokens();
        BlobReader reader = reader(server.host(), http, _ -> ANN);
        CountDownLatch ready = new CountDownLatch(100);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<BackendFailure>> reads = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                reads.add(threads.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return failure(reader, 0, 50);
                }));
            }
            for (Future<BackendFailure> read : reads) {
                assertThat(read.get().kind()).isEqualTo(BackendFailure.Kind.AUTH);
            }
        }
        // A slow machine may spread the readers over more than the second that a refusal stands.
        assertThat(tokenRequests().size()).isLessThan(20);
    }

    private void refuseTokens() {
        server.script((request, out) -> {
            if (request.path().equals("/token")) {
                ScriptedServer.say(out, 401, Map.of());
            } else {
                answer(request, out);
            }
        });
    }

    @Test
    void newPasswordCountsAtTheNextRead() throws Exception {
        AtomicReference<Credential> current = new AtomicReference<>(new Credential("ann", "old"));
        server.script((request, out) -> {
            if (request.path().equals("/token")
                    && !request.header("Authorization").equals(ANN.basic())) {
                ScriptedServer.say(out, 401, Map.of());
            } else {
                answer(request, out);
            }
        });
        BlobReader reader = reader(server.host(), http, _ -> current.get());
        assertThat(failure(reader, 0, 10)).hasMessageContaining("for user ann").hasMessageContaining("password");
        current.set(ANN);
        assertThat(read(reader, 0, 10)).isEqualTo(part(0, 10));
    }

    @Test
    void tokenThatEndsIsRenewedWithoutBeingRefusedFirst() throws Exception {
        life.set("0");
        BlobReader reader = reader(server.host(), http, _ -> ANN);
        read(reader, 0, 10);
        read(reader, 0, 10);
        assertThat(server.requests())
                .extracting(ScriptedServer.Request::path)
                .containsExactly(Asking.BLOB_PATH, "/token", Asking.BLOB_PATH, "/token", Asking.BLOB_PATH);
    }

    @Test
    void accessTokenIsATokenToo() throws Exception {
        server.script((request, out) -> {
            if (request.path().equals("/token")) {
                json(out, "{\"token\":\"\",\"access_token\":\"t1\"}");
            } else {
                answer(request, out);
            }
        });
        assertThat(read(reader(server.host(), http), 0, 10)).isEqualTo(part(0, 10));
    }

    @Test
    void serviceThatWantsAFormGetsOne() throws Exception {
        server.script((request, out) -> {
            if (request.path().equals("/token") && request.method().equals("GET")) {
                ScriptedServer.say(out, 405, Map.of());
            } else {
                answer(request, out);
            }
        });
        assertThat(read(reader(server.host(), http, _ -> ANN), 0, 10)).isEqualTo(part(0, 10));
        assertThat(tokenRequests().getLast().body())
                .isEqualTo("scope=repository%3Ateam%2Fapp%3Apull&service=the%2C+service"
                        + "&grant_type=password&username=ann&password=secret&client_id=rafsd");
    }

    @Test
    void identityTokenIsExchangedAndNeverSentAsAPassword() throws Exception {
        read(reader(server.host(), http, _ -> Credential.ofIdentityToken("identity")), 0, 10);
        assertThat(tokenRequests()).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.body()).contains("grant_type=refresh_token&refresh_token=identity");
            assertThat(request.headers()).doesNotContainKey("authorization");
        });
    }

    @Test
    void basicIsUsedWhereItIsOfferedAndRememberedThen() throws Exception {
        server.script((request, out) -> {
            if (request.header("Authorization").equals(ANN.basic())) {
                ScriptedServer.range(request, out, BLOB);
            } else {
                ScriptedServer.say(out, 401, Map.of("WWW-Authenticate", "Negotiate, BASIC realm=x"));
            }
        });
        BlobReader reader = reader(server.host(), http, _ -> ANN);
        read(reader, 0, 10);
        read(reader, 0, 10);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void refusalsNameTheRemedyAndNoSecret() {
        server.script((_, out) -> ScriptedServer.say(out, 401, Map.of("WWW-Authenticate", "Basic realm=x")));
        assertThat(failure(reader(server.host(), http), 0, 10))
                .hasMessage("registry " + server.host()
                        + " refuses access to team/app; log in with docker login " + server.host()
                        + ", or configure auth");
        BackendFailure wrong = failure(reader(server.host(), http, _ -> ANN), 0, 10);
        assertThat(wrong.kind()).isEqualTo(BackendFailure.Kind.AUTH);
        assertThat(wrong).hasMessageContaining("for user ann; check the password");
        assertThat(wrong.toString()).doesNotContain("secret").doesNotContain(ANN.basic());
    }

    @Test
    void configuredTokenIsUsedAsItIsAndItsRefusalIsFinal() throws Exception {
        BackendConfig.Registry plain = Asking.config(server.host(), null);
        CredentialSource nobody = _ -> null;
        assertThat(read(withToken(plain, "t1", nobody), 0, 10)).isEqualTo(part(0, 10));
        assertThat(failure(withToken(plain, "stale", nobody), 0, 10))
                .hasMessageContaining("registry_token")
                .message()
                .doesNotContain("stale");
        assertThat(tokenRequests()).isEmpty();
    }

    private BlobReader withToken(BackendConfig.Registry plain, String token, CredentialSource credentials) {
        BackendConfig.Registry config =
                new BackendConfig.Registry("http", plain.host(), plain.repository(), null, token, false, plain.http());
        return new RegistryBlobReader(new RegistryClient(config, http, credentials), "sha256:" + Asking.HEX);
    }

    @Test
    void configuredAuthGoesBeforeWhatIsKnownOfTheHost() throws Exception {
        BackendConfig.Registry config = Asking.config(server.host(), ANN.basic().substring("Basic ".length()));
        RegistryClient client = new RegistryClient(config, http, _ -> new Credential("other", "other"));
        read(new RegistryBlobReader(client, "sha256:" + Asking.HEX), 0, 10);
        assertThat(tokenRequests().getFirst().header("Authorization")).isEqualTo(ANN.basic());
    }

    @Test
    void brokenTokenServiceIsRetryableAndItsAnswerNeverShown() {
        for (String answer : List.of("", "null", "[]", "{\"token\":12", "{\"token\":\"a\\r\\nX: y\"}", "{}")) {
            server.script((request, out) -> {
                if (request.path().equals("/token")) {
                    json(out, answer);
                } else {
                    answer(request, out);
                }
            });
            BackendFailure failure = failure(reader(server.host(), http), 0, 10);
            assertThat(failure.kind()).as(answer).isEqualTo(BackendFailure.Kind.RETRYABLE);
            assertThat(failure).hasMessageContaining("token service").hasMessageContaining("sent no token");
        }
    }

    @Test
    void tokenServiceThatIsNoAddressIsRefused() {
        for (String realm : List.of("/token", "ftp://x/token", "http://", "not a url")) {
            challenge = "Bearer realm=\"" + realm + "\"";
            BackendFailure failure = failure(reader(server.host(), http), 0, 10);
            assertThat(failure.kind()).as(realm).isEqualTo(BackendFailure.Kind.FATAL);
        }
    }
}
