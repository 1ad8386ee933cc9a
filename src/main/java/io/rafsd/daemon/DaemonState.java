package io.rafsd.daemon;

/** States of the daemon, with the numbers that nydusd gives them. */
public enum DaemonState {
    /** Started; nothing serves yet. */
    INIT(1),
    /** Mounted and serving. */
    RUNNING(2),
    /** Mounted or restored; requests wait in the kernel. */
    READY(3),
    /** The end. */
    STOPPED(4),
    /** Any other number. */
    UNKNOWN(5);

    private final int number;

    DaemonState(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static DaemonState of(int number) {
        for (DaemonState state : values()) {
            if (state.number == number) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
