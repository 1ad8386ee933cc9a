package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** The event is not allowed in the state the daemon is in. */
public final class UnexpectedEvent extends DaemonException {

    private static final long serialVersionUID = 1L;

    public UnexpectedEvent(String message) {
        this(message, null);
    }

    public UnexpectedEvent(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
