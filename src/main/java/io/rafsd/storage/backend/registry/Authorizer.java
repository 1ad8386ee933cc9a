package io.rafsd.storage.backend.registry;

import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.http.HttpTransport;
import io.rafsd.storage.credentials.Credential;
import io.rafsd.storage.credentials.CredentialSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Knows what to put into the {@code Authorization} header for one repository: what the configuration gives, what the
 * registry's token service gives, or nothing. However many readers are refused at once, one of them logs in; the others
 * wait for it, each until its own deadline, and use what it got or fail as it did. Safe for many threads.
 */
final class Authorizer {

    /** A token is renewed this much before it ends, so that none ends on the way. */
    private static final Duration MARGIN = Duration.ofSeconds(10);
    /** So long a refused login is not tried again with the same credential. */
    private static final long REFUSAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final BackendConfig.Registry config;
    private final TokenService tokens;
    private final CredentialSource credentials;
    private final ReentrantLock loggingIn = new ReentrantLock();
    private volatile @Nullable Grant grant;
    private volatile @Nullable Challenge lastBearer;
    /** Guarded by the lock. */
    private @Nullable Failure lastFailure;

    /** A header's value, whose it is, and when it stops being good. */
    private record Grant(String header, @Nullable Credential credential, long expiresNanos) {

        /** Who has another credential now wants to be let in by that. */
        boolean isGoodFor(@Nullable Credential now) {
            return System.nanoTime() - expiresNanos < 0 && Objects.equals(credential, now);
        }
    }

    private record Failure(BackendFailure failure, @Nullable Credential credential, long atNanos) {

        /** Who waited meanwhile fails likewise; a refusal stands a little longer, so that the service is not flooded. */
        boolean standsFor(@Nullable Credential other, long askedNanos) {
            long patience = failure.kind() == BackendFailure.Kind.AUTH ? REFUSAL_NANOS : 0;
            return Objects.equals(credential, other) && atNanos - askedNanos > -patience;
        }
    }

    Authorizer(BackendConfig.Registry config, HttpTransport http, CredentialSource credentials) {
        this.config = config;
        this.tokens = new TokenService(config, http);
        this.credentials = credentials;
    }

    /**
     * What to send, or null: nothing is known to be needed. Where a token is known to be needed and the one we have ends,
     * this gets another instead of being refused for it.
     */
    @Nullable
    String header(long deadlineNanos) throws IOException {
        if (config.registryToken() != null) {
            return "Bearer " + config.registryToken();
        }
        Grant known = grant;
        if (known == null) {
            return null;
        }
        if (known.isGoodFor(credential())) {
            return known.header();
        }
        Challenge bearer = lastBearer;
        return bearer == null ? null : logIn(known.header(), List.of(bearer), deadlineNanos);
    }

    /**
     * Logs in after a refusal.
     *
     * @param refused what was sent, null if nothing was
     * @return what to send instead
     * @throws BackendFailure AUTH if there is nothing else to send
     */
    String afterRefusal(@Nullable String refused, List<String> challengeHeaders, long deadlineNanos)
            throws IOException {
        if (config.registryToken() != null) {
            throw refused();
        }
        return logIn(refused, Challenge.parse(challengeHeaders), deadlineNanos);
    }

    private String logIn(@Nullable String refused, List<Challenge> challenges, long deadlineNanos) throws IOException {
        long asked = System.nanoTime();
        lock(deadlineNanos);
        try {
            Grant known = grant;
            Credential credential = credential();
            if (known != null && known.isGoodFor(credential) && !known.header().equals(refused)) {
                return known.header();
            }
            Failure failed = lastFailure;
            if (failed != null && failed.standsFor(credential, asked)) {
                throw new BackendFailure(
                        failed.failure().kind(), String.valueOf(failed.failure().getMessage()), failed.failure());
            }
            try {
                Grant fresh = grant(refused, challenges, credential, deadlineNanos);
                grant = fresh;
                return fresh.header();
            } catch (BackendFailure e) {
                lastFailure = new Failure(e, credential, System.nanoTime());
                throw e;
            }
        } finally {
            loggingIn.unlock();
        }
    }

    private void lock(long deadlineNanos) throws BackendFailure {
        try {
            if (loggingIn.tryLock(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendFailure(
                BackendFailure.Kind.RETRYABLE, "no login at registry " + config.host() + " before the deadline");
    }

    private Grant grant(
            @Nullable String refused, List<Challenge> challenges, @Nullable Credential credential, long deadlineNanos)
            throws IOException {
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("bearer")
                    && !challenge.parameter("realm").isEmpty()) {
                TokenService.Token token = tokens.ask(challenge, credential, deadlineNanos);
                lastBearer = challenge;
                Duration life = token.life();
                Duration used = life.compareTo(MARGIN.multipliedBy(2)) > 0 ? life.minus(MARGIN) : life.dividedBy(2);
                return new Grant("Bearer " + token.value(), credential, System.nanoTime() + used.toNanos());
            }
        }
        for (Challenge challenge : challenges) {
            if (challenge.scheme().equals("basic")
                    && credential != null
                    && !credential.basic().equals(refused)) {
                return new Grant(
                        credential.basic(),
                        credential,
                        System.nanoTime() + Duration.ofDays(365).toNanos());
            }
        }
        throw refused(config, credential);
    }

    /** The registry or its token service does not let us in. */
    BackendFailure refused() {
        return refused(config, credential());
    }

    static BackendFailure refused(BackendConfig.Registry config, @Nullable Credential credential) {
        String remedy;
        if (config.registryToken() != null) {
            remedy = " for the configured registry_token; it may have expired";
        } else if (credential == null) {
            remedy = "; log in with docker login " + config.host() + ", or configure auth";
        } else {
            remedy = " for user " + credential.user() + "; check the password and the user's rights";
        }
        return new BackendFailure(
                BackendFailure.Kind.AUTH,
                "registry " + config.host() + " refuses access to " + config.repository() + remedy);
    }

    private @Nullable Credential credential() {
        return config.auth() != null ? Credential.parse(config.auth()) : credentials.find(config.host());
    }
}
