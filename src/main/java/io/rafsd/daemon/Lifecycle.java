package io.rafsd.daemon;

import java.io.IOException;

/**
 * The daemon's one state variable. Events are worked off one at a time, in the order they came; each call returns when the
 * work of its transition has ended. A failed action leaves the state as it was and may be repeated.
 */
public interface Lifecycle {

    /** Without waiting, also while an event is being worked off. */
    DaemonState state();

    /**
     * Sends one event and returns the state it led to.
     *
     * @throws io.rafsd.error.UnexpectedEvent if the event is not allowed in this state; nothing changes
     * @throws IOException what the work itself threw; the state is as it was
     */
    DaemonState fire(DaemonEvent event) throws IOException;

    /**
     * Sends the events that {@code trigger} takes from the state it finds, as one entry: nothing comes between them. Ends
     * at the first that fails.
     */
    DaemonState trigger(Trigger trigger) throws IOException;
}
