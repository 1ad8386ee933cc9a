package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** The image breaks a rule of its format. The message names the offset and the rule. */
public final class InvalidImage extends DaemonException {

    private static final long serialVersionUID = 1L;

    public InvalidImage(String message) {
        this(message, null);
    }

    public InvalidImage(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
