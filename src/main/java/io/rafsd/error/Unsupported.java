package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** Understood, but this build, kernel, transport or image kind cannot do it. */
public final class Unsupported extends DaemonException {

    private static final long serialVersionUID = 1L;

    public Unsupported(String message) {
        this(message, null);
    }

    public Unsupported(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
