package io.rafsd.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.URLDecoder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client. It may be silent as long as it likes before and between requests; once a request has begun, the rest of it
 * has to come in time. Run on a thread of its own.
 */
final class Connection implements Runnable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int BUFFER = 8192;
    private static final int MAX_BODY = 16 << 20;
    private static final int REQUEST_SECONDS = 10;
    private static final Http1Config LIMITS = Http1Config.custom()
            .setMaxLineLength(16 << 10)
            .setMaxHeaderCount(100)
            .build();

    private final SocketChannel channel;
    private final ControlApi api;
    private final ScheduledExecutorService clock;

    Connection(SocketChannel channel, ControlApi api, ScheduledExecutorService clock) {
        this.channel = channel;
        this.api = api;
        this.clock = clock;
    }

    @Override
    public void run() {
        try (channel) {
            converse(Channels.newInputStream(channel), Channels.newOutputStream(channel));
        } catch (IOException e) {
            log().atDebug().log("a control connection ended: {}", e.getMessage());
        } catch (RuntimeException e) {
            log().atError().setCause(e).log("a control request met a bug");
        }
    }

    /** Answers request after request until the client goes or is told to. */
    void converse(InputStream requests, OutputStream answers) throws IOException {
        PushbackInputStream in = new PushbackInputStream(requests);
        SessionInputBufferImpl buffer = new SessionInputBufferImpl(BUFFER);
        boolean again = true;
        while (again && awaitRequest(buffer, in)) {
            again = exchange(buffer, in, answers);
        }
    }

    /** Waits for the first byte of a request, without a limit. */
    private static boolean awaitRequest(SessionInputBufferImpl buffer, PushbackInputStream in) throws IOException {
        if (buffer.length() > 0) {
            return true;
        }
        int first = in.read();
        if (first < 0) {
            return false;
        }
        in.unread(first);
        return true;
    }

    /** @return whether the connection stays open */
    private boolean exchange(SessionInputBufferImpl buffer, InputStream in, OutputStream out) throws IOException {
        ScheduledFuture<?> alarm = clock.schedule(this::abort, REQUEST_SECONDS, TimeUnit.SECONDS);
        ClassicHttpRequest request;
        byte[] body;
        try {
            request = new DefaultHttpRequestParser(LIMITS).parse(buffer, in);
            if (request == null) {
                return false;
            }
            body = body(request, buffer, in, out);
        } catch (HttpException | MalformedChunkCodingException | IllegalArgumentException e) {
            // HttpCore refuses some versions of the protocol, as HTTP/1.-1, by the last of them.
            send(out, ControlErrors.message(400, "BadRequest"), false, "");
            return false;
        } finally {
            alarm.cancel(false);
        }
        boolean keep = keepsAlive(request);
        Answer answer;
        String method = request.getMethod();
        String target = request.getPath() == null ? "/" : request.getPath();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        boolean bodyless = method.equals("GET") || method.equals("DELETE") || method.equals("HEAD");
        if (bodyless && body.length > 0) {
            answer = ControlErrors.message(400, "BadRequest");
        } else {
            answer = api.answer(method, path, query < 0 ? Map.of() : parameters(target.substring(query + 1)), body);
        }
        send(out, answer, keep, method);
        answer.afterwards().run();
        return keep;
    }

    private byte[] body(ClassicHttpRequest request, SessionInputBufferImpl buffer, InputStream in, OutputStream out)
            throws IOException, HttpException {
        Header encoding = request.getFirstHeader("Transfer-Encoding");
        Header length = request.getFirstHeader("Content-Length");
        Header expect = request.getFirstHeader("Expect");
        if (expect != null && expect.getValue().equalsIgnoreCase("100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        if (encoding != null && encoding.getValue().equalsIgnoreCase("chunked")) {
            return limited(new ChunkedInputStream(buffer, in));
        }
        if (length == null) {
            return new byte[0];
        }
        try {
            long size = Long.parseLong(length.getValue().strip());
            if (size < 0 || size > MAX_BODY) {
                throw new HttpException("a body of " + size + " bytes");
            }
            return limited(new ContentLengthInputStream(buffer, in, size));
        } catch (NumberFormatException e) {
            throw new HttpException("a Content-Length that is no number", e);
        }
    }

    private static byte[] limited(InputStream body) throws IOException, HttpException {
        byte[] bytes = body.readNBytes(MAX_BODY + 1);
        if (bytes.length > MAX_BODY) {
            throw new HttpException("a body of more than " + MAX_BODY + " bytes");
        }
        return bytes;
    }

    private static boolean keepsAlive(ClassicHttpRequest request) {
        Header connection = request.getFirstHeader("Connection");
        if (connection != null && connection.getValue().equalsIgnoreCase("close")) {
            return false;
        }
        ProtocolVersion version = request.getVersion();
        return version == null
                || version.getMinor() > 0
                || (connection != null && connection.getValue().equalsIgnoreCase("keep-alive"));
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            try {
                parameters.putIfAbsent(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                parameters.putIfAbsent(name, value);
            }
        }
        return parameters;
    }

    private static void send(OutputStream out, Answer answer, boolean keep, String method) throws IOException {
        byte[] body = answer.body() == null
                ? new byte[0]
                : JSON.writeValueAsString(answer.body()).getBytes(StandardCharsets.UTF_8);
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(answer.status()).append(" \r\n");
        head.append("Server: Nydus API\r\nConnection: ")
                .append(keep ? "keep-alive" : "close")
                .append("\r\n");
        if (body.length > 0) {
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.length)
                    .append("\r\n");
        }
        head.append("\r\n");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        if (!method.equals("HEAD")) {
            whole.writeBytes(body);
        }
        out.write(whole.toByteArray());
        out.flush();
    }

    private void abort() {
        try {
            channel.close();
        } catch (IOException e) {
            log().atDebug().log("a late control connection could not be closed: {}", e.getMessage());
        }
    }

    /** Not at hand before it is needed: the first answer is due before the log is set up. */
    private static Logger log() {
        return LoggerFactory.getLogger(Connection.class);
    }
}
