package io.rafsd.storage.backend.registry;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.http.HttpRequest;
import io.rafsd.storage.backend.http.HttpResponse;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.Credential;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Knows what to put into the {@code Authorization} header for one repository: what the configuration gives, what the
 * registry's token service gives, or nothing. However many readers are refused at once, one of them logs in and the others
 * use what it got. Safe for many threads.
 */
final class Authorizer {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_ANSWER = 1 << 20;
    /** What a token is good for where its service does not say. */
    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    /** A token is renewed this much before it ends, so that none ends on the way. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final BackendConfig.Registry config;
    private final HttpTransport http;
    private final CredentialSource credentials;
    private volatile @Nullable Grant grant;

    /** A header's value, and when it stops being good. */
    private record Grant(String header, long expiresNanos) {

        boolean isFresh() {
            return System.nanoTime() - expiresNanos < 0;
        }
    }

    Authorizer(BackendConfig.Registry config, HttpTransport http, CredentialSource credentials) {
        this.config = config;
        this.http = http;
        this.credentials = credentials;
    }

    /** What to send now, or null: nothing is known to be needed. */
    @Nullable
    String header() {
        if (config.registryToken() != null) {
            return "Bearer " + config.registryToken();
        }
        Grant known = grant;
        return known != null && known.isFresh() ? known.header() : null;
    }

    /**
     * Logs in after a refusal.
     *
     * @param refused what was sent, null if nothing was
     * @return what to send instead
     * @throws BackendFailure AUTH if there is nothing else to send
     */
    synchronized String afterRefusal(@Nullable String refused, List<String> challengeHeaders, long deadlineNanos)
            throws IOException {
        Grant known = grant;
        if (known != null && known.isFresh() && !known.header().equals(refused)) {
            return known.header();
        }
        Credential credential = credential();
        List<Challenge> challenges = Challenge.parse(challengeHeaders);
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")
                    && !challenge.parameter("realm").isEmpty()) {
                Grant fresh = token(challenge, credential, deadlineNanos);
                grant = fresh;
                return fresh.header();
            }
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("basic") && credential != null) {
                String header = credential.basic();
                if (!header.equals(refused)) {
                    grant = new Grant(
                            header, System.nanoTime() + Duration.ofDays(365).toNanos());
                    return header;
                }
            }
        }
        throw refused(credential);
    }

    BackendFailure refused(@Nullable Credential credential) {
        grant = null;
        return new BackendFailure(
                BackendFailure.Kind.AUTH,
                "registry " + config.host() + " refuses access to " + config.repository()
                        + (credential == null
                                ? "; log in with docker login " + config.host() + ", or configure auth"
                                : " for user " + credential.user() + "; check the password and the user's rights"));
    }

    @Nullable
    Credential credential() {
        return config.auth() != null ? Credential.parse(config.auth()) : credentials.find(config.host());
    }

    private Grant token(Challenge challenge, @Nullable Credential credential, long deadlineNanos) throws IOException {
        String scope = challenge.parameter("scope").isEmpty()
                ? "repository:" + config.repository() + ":pull"
                : challenge.parameter("scope");
        String realm = challenge.parameter("realm");
        String query = (realm.contains("?") ? "&" : "?") + "scope=" + encode(scope)
                + (challenge.parameter("service").isEmpty()
                        ? ""
                        : "&service=" + encode(challenge.parameter("service")));
        URI uri;
        try {
            uri = URI.create(realm + query);
        } catch (IllegalArgumentException e) {
            throw new BackendFailure(
                    BackendFailure.Kind.FATAL,
                    "registry " + config.host() + " names a token service that is no URL",
                    e);
        }
        Map<String, String> headers = credential == null ? Map.of() : Map.of("Authorization", credential.basic());
        HttpRequest request = new HttpRequest(
                "GET",
                uri,
                headers,
                "",
                config.skipVerify(),
                config.http().connectTimeout(),
                config.http().timeout(),
                deadlineNanos);
        try (HttpResponse response = http.send(request)) {
            byte[] answer = response.body().readNBytes(MAX_ANSWER);
            if (response.status() == 401 || response.status() == 403) {
                throw refused(credential);
            }
            if (response.status() != 200) {
                throw new BackendFailure(
                        BackendFailure.Kind.RETRYABLE,
                        "the token service of registry " + config.host() + " answered " + response.status());
            }
            return grant(answer);
        }
    }

    private Grant grant(byte[] answer) throws BackendFailure {
        try {
            JsonNode root = JSON.readTree(answer);
            String token = root.path("token").asString(root.path("access_token").asString(""));
            if (!token.isEmpty()) {
                Duration life =
                        Duration.ofSeconds(Math.max(0, root.path("expires_in").asLong(DEFAULT_LIFE.toSeconds())));
                Duration used = life.compareTo(MARGIN.multipliedBy(2)) > 0 ? life.minus(MARGIN) : life.dividedBy(2);
                return new Grant("Bearer " + token, System.nanoTime() + used.toNanos());
            }
        } catch (JacksonException e) {
            // The parser's message may quote the token.
        }
        throw new BackendFailure(
                BackendFailure.Kind.RETRYABLE, "the token service of registry " + config.host() + " sent no token");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
