package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** Bytes arrived or were found that do not match their digest; they are never served. */
public final class IntegrityFailure extends DaemonException {

    private static final long serialVersionUID = 1L;

    public IntegrityFailure(String message) {
        this(message, null);
    }

    public IntegrityFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
