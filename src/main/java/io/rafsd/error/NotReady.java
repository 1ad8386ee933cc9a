package io.rafsd.error;

/** What was asked for cannot be done yet, and can be a moment later. */
public final class NotReady extends DaemonException {

    private static final long serialVersionUID = 1L;

    public NotReady(String message) {
        super(message, null);
    }
}
