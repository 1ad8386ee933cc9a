package io.rafsd.error;

import java.util.Objects;

/** A plain filesystem answer (no such attribute, not a directory, …) or a failed system call, as the errno it has. */
public final class PosixError extends DaemonException {

    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public PosixError(Errno errno, String message) {
        super(message, null);
        this.errno = Objects.requireNonNull(errno);
    }

    public Errno errno() {
        return errno;
    }
}
