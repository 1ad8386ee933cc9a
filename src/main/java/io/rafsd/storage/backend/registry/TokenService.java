package io.rafsd.storage.backend.registry;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.http.HttpRequest;
import io.rafsd.storage.backend.http.HttpResponse;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.Credential;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the token service that a challenge names: with GET, and with POST where it wants OAuth2's form or the credential is
 * an identity token. Safe for many threads.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Token authentication</a>
 */
record TokenService(BackendConfig.Registry config, HttpTransport http) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_ANSWER = 1 << 20;
    /** What a token is good for where its service does not say. */
    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    /** No service means more, and a sum of nanoseconds must not overflow. */
    private static final Duration LONGEST_LIFE = Duration.ofDays(365);

    /**
     * A token.
     *
     * @param value to be sent
     * @param life from now on
     */
    record Token(String value, Duration life) {

        @Override
        public String toString() {
            return "Token[***, " + life + "]";
        }
    }

    /**
     * Asks for a token.
     *
     * @throws BackendFailure AUTH if the service refuses, RETRYABLE if it is out of order
     */
    Token ask(Challenge challenge, @Nullable Credential credential, long deadlineNanos) throws IOException {
        URI realm = realm(challenge, credential);
        String scope = challenge.parameter("scope").isEmpty()
                ? "repository:" + config.repository() + ":pull"
                : challenge.parameter("scope");
        String service = challenge.parameter("service");
        String question = "scope=" + encode(scope) + (service.isEmpty() ? "" : "&service=" + encode(service));
        if (credential != null && credential.isIdentityToken()) {
            String form = question + "&grant_type=refresh_token&refresh_token=" + encode(credential.password());
            return read(send("POST", realm, Map.of(), form + "&client_id=rafsd", deadlineNanos), credential);
        }
        Map<String, String> headers = credential == null ? Map.of() : Map.of("Authorization", credential.basic());
        URI withQuery = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + question);
        HttpResponse response = send("GET", withQuery, headers, "", deadlineNanos);
        if (response.status() == 404 || response.status() == 405) {
            response.close();
            String login = credential == null
                    ? ""
                    : "&grant_type=password&username=" + encode(credential.user()) + "&password="
                            + encode(credential.password());
            response = send("POST", realm, headers, question + login + "&client_id=rafsd", deadlineNanos);
        }
        return read(response, credential);
    }

    private URI realm(Challenge challenge, @Nullable Credential credential) throws BackendFailure {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL, "registry " + config.host() + " names a token service that is no URL");
        }
        boolean plain = "http".equalsIgnoreCase(realm.getScheme());
        if (realm.getHost() == null || !(plain || "https".equalsIgnoreCase(realm.getScheme()))) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL,
                    "registry " + config.host() + " names a token service that is no http or https URL");
        }
        if (plain && credential != null && RegistryClient.scheme(config).equals("https") && !config.skipVerify()) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL,
                    "registry " + config.host() + " wants the password sent without encryption to " + realm.getHost()
                            + "; set skip_verify if that is meant");
        }
        return realm;
    }

    private HttpResponse send(String method, URI uri, Map<String, String> headers, String form, long deadlineNanos)
            throws IOException {
        return http.send(new HttpRequest(
                method,
                uri,
                headers,
                form,
                config.skipVerify(),
                config.http().connectTimeout(),
                config.http().timeout(),
                deadlineNanos));
    }

    private Token read(HttpResponse response, @Nullable Credential credential) throws IOException {
        try (response) {
            int status = response.status();
            if (status == 400 || status == 401 || status == 403) {
                throw Authorizer.refused(config, credential);
            }
            if (status != 200) {
                throw outOfOrder(config.host(), "answered " + status);
            }
            return parse(response.body().readNBytes(MAX_ANSWER), config.host());
        }
    }

    /**
     * Reads the service's answer.
     *
     * @param host of the registry whose service it is
     */
    static Token parse(byte[] answer, String host) throws BackendFailure {
        try {
            JsonNode root = JSON.readTree(answer);
            String value = root.path("token").asString("");
            if (value.isEmpty()) {
                value = root.path("access_token").asString("");
            }
            // What is no legal header value must not get into a header.
            if (!value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                long seconds = root.path("expires_in").asLong(DEFAULT_LIFE.toSeconds());
                return new Token(value, Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_LIFE.toSeconds())));
            }
        } catch (JacksonException e) {
            // The parser's message may quote the token.
        }
        throw outOfOrder(host, "sent no token");
    }

    private static BackendFailure outOfOrder(String host, String what) {
        return new BackendFailure(BackendFailure.Kind.RETRYABLE, "the token service of registry " + host + " " + what);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
