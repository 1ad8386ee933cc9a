package io.rafsd.daemon;

import static io.rafsd.daemon.DaemonEvent.EXIT;
import static io.rafsd.daemon.DaemonEvent.START;
import static io.rafsd.daemon.DaemonEvent.STOP;
import static io.rafsd.daemon.DaemonEvent.TAKEOVER;

import java.util.List;

/** What is asked of the daemon from outside, as the events it takes from the state the daemon is in. */
public enum Trigger {
    MOUNT,
    TAKEOVER_MOUNT,
    SERVE,
    /** Stop serving and unmount. */
    SHUT_DOWN,
    /** Stop serving and end without unmounting: somebody else serves the mount on. */
    LEAVE;

    /** The events, in order; none if there is nothing left to do. */
    public List<DaemonEvent> events(DaemonState state) {
        return switch (this) {
            case MOUNT -> List.of(DaemonEvent.MOUNT);
            case TAKEOVER_MOUNT -> List.of(TAKEOVER);
            case SERVE -> List.of(START);
            case SHUT_DOWN ->
                switch (state) {
                    case STOPPED -> List.of();
                    case RUNNING -> List.of(STOP, STOP);
                    case INIT, READY, UNKNOWN -> List.of(STOP);
                };
            case LEAVE ->
                switch (state) {
                    case STOPPED -> List.of();
                    case INIT -> List.of(STOP);
                    case RUNNING -> List.of(STOP, EXIT);
                    case READY, UNKNOWN -> List.of(EXIT);
                };
        };
    }
}
