package io.rafsd.error;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a meaning. Every message names what was tried, on what, what was found and, where there is one, the
 * remedy; it never holds a secret. The family is mapped where it leaves the house and only there: to an errno in
 * {@code fuse.server}, to an HTTP status in {@code control}, to an exit code in {@code app.cli}.
 */
public abstract sealed class DaemonException extends IOException
        permits AlreadyExists,
                BackendFailure,
                CacheFailure,
                IntegrityFailure,
                InvalidImage,
                InvalidRequest,
                NotFound,
                NotReady,
                PosixError,
                Unsupported,
                UnexpectedEvent,
                UpgradeFailure {

    private static final long serialVersionUID = 1L;

    DaemonException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
