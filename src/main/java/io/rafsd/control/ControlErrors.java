package io.rafsd.control;

import io.rafsd.error.AlreadyExists;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.CacheFailure;
import io.rafsd.error.DaemonException;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.NotFound;
import io.rafsd.error.NotReady;
import io.rafsd.error.PosixError;
import io.rafsd.error.UnexpectedEvent;
import io.rafsd.error.Unsupported;
import io.rafsd.error.UpgradeFailure;
import java.io.IOException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a failure looks like to a client of the control API: the one place where failures become HTTP. Clients match on
 * parts of the message, so its nesting is that of nydusd.
 */
final class ControlErrors {

    private static final JsonMapper JSON = new JsonMapper();

    private ControlErrors() {}

    /** @param wrapper the endpoint's word, for example {@code Mount(MountFilesystem(%s))} */
    static Answer of(String wrapper, IOException failure) {
        int status = 500;
        String kind;
        if (failure instanceof DaemonException known) {
            switch (known) {
                case UnexpectedEvent e -> {
                    status = 400;
                    kind = "UnexpectedEvent(" + quoted(e) + ")";
                }
                case Unsupported e -> {
                    status = 501;
                    kind = "Unsupported(" + quoted(e) + ")";
                }
                case NotReady _ -> {
                    status = 503;
                    kind = "NotReady";
                }
                case UpgradeFailure e -> kind = "UpgradeManager(" + quoted(e) + ")";
                case AlreadyExists e -> kind = "Other(\"object or filesystem already exists\")" + note(e);
                case NotFound e -> kind = "Other(\"object or filesystem doesn't exist\")" + note(e);
                case InvalidRequest e -> kind = "Other(" + quoted(e) + ")";
                case InvalidImage e -> kind = "Other(" + quoted(e) + ")";
                case IntegrityFailure e -> kind = "Other(" + quoted(e) + ")";
                case BackendFailure e -> kind = "Other(" + quoted(e) + ")";
                case CacheFailure e -> kind = "Other(" + quoted(e) + ")";
                case PosixError e -> kind = "Other(" + quoted(e) + ")";
            }
        } else {
            kind = "Other(" + quoted(failure) + ")";
        }
        return message(status, wrapper.formatted(kind));
    }

    /** An answer in nydusd's form. */
    static Answer message(int status, String message) {
        ObjectNode body = JSON.createObjectNode();
        body.put("code", "UNDEFINED");
        body.put("message", message);
        return Answer.of(status, body);
    }

    private static String quoted(IOException failure) {
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The words clients match stand alone; ours, which say more, come after them. */
    private static String note(IOException failure) {
        return " /* " + failure.getMessage() + " */";
    }
}
