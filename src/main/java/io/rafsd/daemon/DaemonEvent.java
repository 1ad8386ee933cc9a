package io.rafsd.daemon;

/** What can happen to the daemon. */
public enum DaemonEvent {
    MOUNT,
    TAKEOVER,
    START,
    STOP,
    EXIT
}
