package io.rafsd.error;

import org.jspecify.annotations.Nullable;

/** The local cache could not do its part: full or broken disk, a directory that may not be written. */
public final class CacheFailure extends DaemonException {

    private static final long serialVersionUID = 1L;

    public CacheFailure(String message) {
        this(message, null);
    }

    public CacheFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
