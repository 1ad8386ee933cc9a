package io.rafsd.demo.registry;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Lets in who may enter, and tells the others how they can. Safe for many threads. */
final class Gate {

    private static final String SERVICE = "rafsd demo registry";

    private final Access access;
    private final Map<String, Long> tokens = new ConcurrentHashMap<>();

    Gate(Access access) {
        this.access = access;
    }

    /**
     * Checks a request to a repository.
     *
     * @param answer gets the challenge if the request is refused
     * @param realm address of the token service
     * @param scope what the request needs
     */
    void check(@Nullable String authorization, Headers answer, String realm, String scope) throws Refusal {
        switch (access) {
            case Access.Open _ -> {}
            case Access.Basic(String user, String password) -> {
                if (!same(authorization, basic(user, password))) {
                    answer.set("WWW-Authenticate", "Basic realm=\"" + SERVICE + "\"");
                    throw new Refusal(401, "UNAUTHORIZED", "user name and password are needed");
                }
            }
            case Access.Token _ -> {
                Long end = authorization != null && authorization.startsWith("Bearer ")
                        ? tokens.get(authorization.substring("Bearer ".length()))
                        : null;
                if (end == null || System.nanoTime() - end >= 0) {
                    answer.set(
                            "WWW-Authenticate",
                            "Bearer realm=\"" + realm + "\",service=\"" + SERVICE + "\",scope=\"" + scope + "\""
                                    + (authorization == null ? "" : ",error=\"invalid_token\""));
                    throw new Refusal(401, "UNAUTHORIZED", "a token is needed");
                }
            }
        }
    }

    /**
     * A new token.
     *
     * @param value to be shown with each request
     * @param life how long it is good for
     */
    record Issued(String value, Duration life) {}

    /** Hands out a token to whom it may have one. */
    Issued issue(@Nullable String authorization, Headers answer) throws Refusal {
        if (!(access instanceof Access.Token(String user, String password, Duration life))) {
            throw new Refusal(404, "UNSUPPORTED", "this registry uses no tokens");
        }
        if (!user.isEmpty() && !same(authorization, basic(user, password))) {
            answer.set("WWW-Authenticate", "Basic realm=\"" + SERVICE + "\"");
            throw new Refusal(401, "UNAUTHORIZED", "user name or password are wrong");
        }
        long now = System.nanoTime();
        tokens.values().removeIf(end -> now - end >= 0);
        String value = UUID.randomUUID().toString();
        tokens.put(value, now + life.toNanos());
        return new Issued(value, life);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** In a time that does not tell how much of it was right. */
    private static boolean same(@Nullable String given, String right) {
        return given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
    }
}
