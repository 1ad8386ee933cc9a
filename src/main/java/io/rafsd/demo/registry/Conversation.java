package io.rafsd.demo.registry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One request and its answer. */
record Conversation(HttpExchange exchange) {

    static final JsonMapper JSON = new JsonMapper();

    String method() {
        return exchange.getRequestMethod();
    }

    String path() {
        return exchange.getRequestURI().getPath();
    }

    @Nullable
    String header(String name) {
        return exchange.getRequestHeaders().getFirst(name);
    }

    /** The value of a query parameter, empty if it is not there. */
    String parameter(String name) {
        String query = exchange.getRequestURI().getRawQuery();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                if (pair.startsWith(name + "=")) {
                    return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
                }
            }
        }
        return "";
    }

    InputStream body() {
        return exchange.getRequestBody();
    }

    Headers answer() {
        return exchange.getResponseHeaders();
    }

    void empty(int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    void json(int status, JsonNode document) throws IOException {
        bytes(status, "application/json", JSON.writeValueAsBytes(document));
    }

    void bytes(int status, String mediaType, byte[] bytes) throws IOException {
        answer().set("Content-Type", mediaType);
        if (begin(status, bytes.length)) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }
    }

    /** Sends the head of an answer. @return whether its body is to follow */
    boolean begin(int status, long length) throws IOException {
        if (method().equals("HEAD")) {
            answer().set("Content-Length", Long.toString(length));
            exchange.sendResponseHeaders(status, -1);
            return false;
        }
        exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
        return length > 0;
    }

    void refuse(Refusal refusal) throws IOException {
        ObjectNode document = JSON.createObjectNode();
        document.putArray("errors")
                .addObject()
                .put("code", refusal.code())
                .put("message", String.valueOf(refusal.getMessage()));
        json(refusal.status(), document);
    }
}
