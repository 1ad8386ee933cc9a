package io.rafsd.storage.backend.registry;

import io.rafsd.storage.backend.http.HttpResponse;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a registry says about why it did not do what we asked.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes">Error codes</a>
 */
final class RegistryError {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_BODY = 4096;
    private static final int MAX_TEXT = 200;

    private RegistryError() {}

    /** The code and message of its first error after a colon; empty if it says nothing in the form of the specification. */
    static String text(HttpResponse response) {
        try {
            return text(response.body().readNBytes(MAX_BODY));
        } catch (IOException e) {
            // The status says enough.
            return "";
        }
    }

    static String text(byte[] body) {
        try {
            JsonNode error = JSON.readTree(body).path("errors").path(0);
            String text = (error.path("code").asString("") + " "
                            + error.path("message").asString(""))
                    .replaceAll("\\p{Cntrl}", " ")
                    .strip();
            return text.isEmpty() ? "" : ": " + text.substring(0, Math.min(MAX_TEXT, text.length()));
        } catch (JacksonException e) {
            return "";
        }
    }
}
