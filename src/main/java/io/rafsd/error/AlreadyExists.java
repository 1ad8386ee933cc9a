package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** The thing to be made is there already, and is not the same. */
public final class AlreadyExists extends DaemonException {

    private static final long serialVersionUID = 1L;

    public AlreadyExists(String message) {
        this(message, null);
    }

    public AlreadyExists(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
