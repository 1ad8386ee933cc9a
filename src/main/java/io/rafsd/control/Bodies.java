package io.rafsd.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Reads bodies and parameters, and says of those that cannot be used what nydusd says. */
final class Bodies {

    private static final JsonMapper JSON = new JsonMapper();

    private Bodies() {}

    /** A body or the answer that refuses it; one of the two is null. */
    record Read(JsonNode body, @Nullable Answer refusal) {}

    static Read read(byte[] body) {
        try {
            return new Read(JSON.readTree(body), null);
        } catch (JacksonException e) {
            return new Read(MissingNode.getInstance(), unreadable(e));
        }
    }

    private static Answer unreadable(JacksonException e) {
        // What exceeds a limit of the parser has no place.
        TokenStreamLocation place = e.getLocation();
        String text =
                e.getOriginalMessage().replace("\"", "'").lines().findFirst().orElse("");
        return unusable(
                text,
                place == null ? 1 : Math.max(1, place.getLineNr()),
                place == null ? 1 : Math.max(1, place.getColumnNr()));
    }

    static Answer missingField(String field) {
        return unusable("missing field `" + field + "`", 1, 1);
    }

    private static Answer unusable(String text, int line, int column) {
        return ControlErrors.message(
                400, "ParseBody(Error(\"" + text + "\", line: " + line + ", column: " + column + "))");
    }

    static Answer missingParameter(String parameter) {
        return ControlErrors.message(400, "QueryString(\"'" + parameter + "' should be specified in query string\")");
    }

    static boolean isTrue(Map<String, String> query, String parameter) {
        return "true".equals(query.get(parameter));
    }
}
