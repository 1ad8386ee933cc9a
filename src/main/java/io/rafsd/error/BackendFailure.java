package io.rafsd.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The origin of a blob or manifest did not answer as it should. */
public final class BackendFailure extends DaemonException {

    private static final long serialVersionUID = 1L;

    /** Whether and how it makes sense to ask again. */
    public enum Kind {
        /** Time-outs, resets, 5xx, 429, short answers: the same request may succeed later. */
        RETRYABLE,
        /** The origin wants other credentials (401, 403). */
        AUTH,
        /** The origin does not have it (404, 410). */
        NOT_FOUND,
        /** Asking again cannot help. */
        FATAL
    }

    private final Kind kind;

    public BackendFailure(Kind kind, String message) {
        this(kind, message, null);
    }

    public BackendFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind);
    }

    public Kind kind() {
        return kind;
    }
}
