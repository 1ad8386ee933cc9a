package io.rafsd.storage.backend.http;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * One HTTP request.
 *
 * @param method GET, HEAD or POST
 * @param uri absolute; its query may hold secrets and never shows in messages
 * @param headers by name
 * @param form body of a POST, already encoded; empty: none
 * @param skipVerify accept any certificate
 * @param connectTimeout for a new connection
 * @param timeout without a byte after which the response is given up
 * @param deadlineNanos {@link System#nanoTime} when the whole exchange is given up
 */
public record HttpRequest(
        String method,
        URI uri,
        Map<String, String> headers,
        String form,
        boolean skipVerify,
        Duration connectTimeout,
        Duration timeout,
        long deadlineNanos) {

    /** The address without its query. */
    String shown() {
        return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }

    @Override
    public String toString() {
        return method + " " + shown();
    }
}
