package io.rafsd.storage.backend.http;

import io.rafsd.error.BackendFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TrustAllStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The process's HTTP client: Apache HttpClient 5, blocking, on virtual threads. Two pools, with and without certificate
 * checks, so that no unchecked connection serves a checked request.
 */
public final class PooledHttpTransport implements HttpTransport {

    private static final int MAX_TOTAL = 512;
    private static final int MAX_PER_ROUTE = 64;
    /** So that a changed address of the host takes effect. */
    private static final TimeValue TIME_TO_LIVE = TimeValue.ofMinutes(10);

    private static final Duration POOL_PATIENCE = Duration.ofSeconds(30);

    private static final int MAX_DRAINED = 16 << 10;

    private static final TimeValue VALIDATE_AFTER = TimeValue.ofSeconds(2);
    private static final TimeValue IDLE = TimeValue.ofSeconds(60);

    /** By whether it trusts any certificate. Made when first used: a daemon of local blobs need not set TLS up. */
    private final Map<Boolean, CloseableHttpClient> clients = new ConcurrentHashMap<>();
    /** A body that trickles on forever meets no socket time-out; this ends it at its deadline. */
    private final ScheduledExecutorService deadlines = deadlines();

    private static ScheduledExecutorService deadlines() {
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("http-deadline").daemon(true).factory());
        // Most requests end hours before a deadline that prefetch sets; their alarms must not stay that long.
        one.setRemoveOnCancelPolicy(true);
        return one;
    }

    private static CloseableHttpClient client(boolean trusting) {
        PoolingHttpClientConnectionManagerBuilder connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(MAX_TOTAL)
                .setMaxConnPerRoute(MAX_PER_ROUTE)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setTimeToLive(TIME_TO_LIVE)
                        .setValidateAfterInactivity(VALIDATE_AFTER)
                        .build());
        if (trusting) {
            try {
                connections.setTlsSocketStrategy(new DefaultClientTlsStrategy(
                        SSLContexts.custom()
                                .loadTrustMaterial(TrustAllStrategy.INSTANCE)
                                .build(),
                        NoopHostnameVerifier.INSTANCE));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has TLS", e);
            }
        }
        return HttpClientBuilder.create()
                .setConnectionManager(connections.build())
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .evictIdleConnections(IDLE)
                .setUserAgent("rafsd")
                .build();
    }

    @Override
    public HttpResponse send(HttpRequest request) throws IOException {
        long left = request.deadlineNanos() - System.nanoTime();
        if (left <= 0) {
            throw new BackendFailure(BackendFailure.Kind.RETRYABLE, request + ": the deadline has passed");
        }
        HttpUriRequestBase out = new HttpUriRequestBase(request.method(), request.uri());
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            out.setHeader(header.getKey(), header.getValue());
        }
        if (!request.form().isEmpty()) {
            out.setEntity(new StringEntity(request.form(), ContentType.APPLICATION_FORM_URLENCODED));
        }
        out.setConfig(patience(request, left));
        ScheduledFuture<?> alarm = deadlines.schedule(out::cancel, left, TimeUnit.NANOSECONDS);
        CloseableHttpClient client = clients.computeIfAbsent(request.skipVerify(), PooledHttpTransport::client);
        try {
            ClassicHttpResponse response = client.executeOpen(null, out, HttpClientContext.create());
            return new Open(request, out, response, alarm);
        } catch (IOException e) {
            alarm.cancel(false);
            throw failure(request, e);
        }
    }

    // Deprecated in favour of a setting per route, but patience belongs to a request: mounts differ in it.
    @SuppressWarnings("deprecation")
    private static RequestConfig patience(HttpRequest request, long leftNanos) {
        return RequestConfig.custom()
                .setConnectTimeout(timeout(request.connectTimeout(), leftNanos))
                .setResponseTimeout(timeout(request.timeout(), leftNanos))
                .setConnectionRequestTimeout(timeout(POOL_PATIENCE, leftNanos))
                .build();
    }

    private static Timeout timeout(Duration wanted, long leftNanos) {
        return Timeout.ofMilliseconds(Math.max(1, Math.min(wanted.toMillis(), leftNanos / 1_000_000)));
    }

    private static BackendFailure failure(HttpRequest request, IOException cause) {
        BackendFailure.Kind kind =
                cause instanceof SSLException ? BackendFailure.Kind.FATAL : BackendFailure.Kind.RETRYABLE;
        return new BackendFailure(
                kind,
                request + " failed: " + (cause.getMessage() == null ? cause.toString() : cause.getMessage())
                        + (kind == BackendFailure.Kind.FATAL
                                ? "; trust the server's certificate, or set skip_verify or scheme http"
                                : ""),
                cause);
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        clients.values().forEach(client -> client.close(CloseMode.IMMEDIATE));
    }

    private record Open(
            HttpRequest request, HttpUriRequestBase out, ClassicHttpResponse response, ScheduledFuture<?> alarm)
            implements HttpResponse {

        @Override
        public int status() {
            return response.getCode();
        }

        @Override
        public @Nullable String header(String name) {
            NameValuePair first = response.getFirstHeader(name);
            return first == null ? null : first.getValue();
        }

        @Override
        public List<String> headers(String name) {
            return Arrays.stream(response.getHeaders(name))
                    .map(NameValuePair::getValue)
                    .toList();
        }

        @Override
        public InputStream body() throws IOException {
            HttpEntity entity = response.getEntity();
            return entity == null ? InputStream.nullInputStream() : entity.getContent();
        }

        /**
         * A body that was read to its end leaves the connection for others, and so does the short text of an error or a
         * redirect; any other is torn down, not drained.
         */
        @Override
        public void close() {
            HttpEntity entity = response.getEntity();
            try {
                if (entity != null && entity.isStreaming()) {
                    long length = entity.getContentLength();
                    if (response.getCode() >= 300 && length >= 0 && length <= MAX_DRAINED) {
                        entity.getContent().transferTo(OutputStream.nullOutputStream());
                    } else {
                        out.cancel();
                    }
                }
                response.close();
            } catch (IOException e) {
                // The exchange is over either way.
            } finally {
                alarm.cancel(false);
            }
        }
    }
}
