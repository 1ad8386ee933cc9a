package io.rafsd.daemon.statemachine;

import io.rafsd.daemon.DaemonEvent;
import io.rafsd.daemon.DaemonState;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.statemachine.action.Action;

/**
 * Travels with an event and brings back what its action threw: the machine itself tells a failed action and a refused event
 * apart by nothing.
 */
final class Ticket {

    static final String HEADER = "ticket";

    private @Nullable Throwable failure;

    /** The work of a transition. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /**
     * An action that records its outcome. Errors are caught as well: one that reaches the machine kills it, and every later
     * event would be accepted without anything happening.
     */
    static Action<DaemonState, DaemonEvent> recording(String name, Work work) {
        return context -> {
            try {
                work.run();
            } catch (Throwable e) {
                if (context.getMessageHeader(HEADER) instanceof Ticket ticket) {
                    ticket.failure = e;
                }
                throw e instanceof IOException io
                        ? new UncheckedIOException(name + " failed", io)
                        : new IllegalStateException(name + " failed", e);
            }
        };
    }

    /** Throws what the action threw, if it did. */
    void rethrow() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
