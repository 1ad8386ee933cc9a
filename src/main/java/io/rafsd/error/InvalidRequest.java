package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** What the user or client asked for cannot be understood: a setting, a flag, a body, a reference. */
public final class InvalidRequest extends DaemonException {

    private static final long serialVersionUID = 1L;

    public InvalidRequest(String message) {
        this(message, null);
    }

    public InvalidRequest(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
