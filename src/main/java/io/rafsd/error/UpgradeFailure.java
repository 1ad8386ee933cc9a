package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** State could not go from one daemon to the next; what serves goes on serving. */
public final class UpgradeFailure extends DaemonException {

    private static final long serialVersionUID = 1L;

    public UpgradeFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
