package io.rafsd.storage.backend;

/** Why bytes are wanted, most urgent first. */
public enum ReadCause {
    /** A reader waits for them. */
    ON_DEMAND,
    /** A reader will probably want them next. */
    READ_AHEAD,
    /** We fetch them in advance, by a list or the whole image. */
    PREFETCH
}
