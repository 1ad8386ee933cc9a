package io.rafsd.control;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a request is answered with.
 *
 * @param status of HTTP
 * @param body JSON, null for none
 * @param afterwards run when the answer has been sent
 */
record Answer(int status, @Nullable JsonNode body, Runnable afterwards) {

    static Answer ok(JsonNode body) {
        return new Answer(200, body, () -> {});
    }

    static Answer noContent() {
        return new Answer(204, null, () -> {});
    }

    static Answer of(int status, JsonNode body) {
        return new Answer(status, body, () -> {});
    }
}
