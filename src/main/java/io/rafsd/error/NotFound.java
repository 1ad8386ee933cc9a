package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** The thing named does not exist. */
public final class NotFound extends DaemonException {

    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
        this(message, null);
    }

    public NotFound(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
