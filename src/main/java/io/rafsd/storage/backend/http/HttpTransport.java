package io.rafsd.storage.backend.http;

import io.rafsd.error.BackendFailure;
import java.io.IOException;

/**
 * Sends requests over connections that the whole process shares. Follows no redirect, decodes nothing, keeps no cookie,
 * retries nothing. Called on virtual threads. Safe for many threads.
 */
public interface HttpTransport extends AutoCloseable {

    /**
     * Sends a request and returns when the head of the response is there, whatever its status.
     *
     * @throws BackendFailure retryable: nobody answered in time
     */
    HttpResponse send(HttpRequest request) throws IOException;

    @Override
    void close();
}
