package io.rafsd.fuse;

/** What becomes of requests that a dead predecessor had taken and not answered. */
public enum FailoverPolicy {
    /** They stay unanswered. */
    NONE,
    /** The kernel answers them with an error, where it has been taught to. */
    FLUSH,
    /** The kernel sends them again (Linux 6.9). */
    RESEND
}
