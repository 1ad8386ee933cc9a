package io.rafsd.daemon.statemachine;

import io.rafsd.daemon.DaemonEvent;
import io.rafsd.daemon.DaemonState;
import io.rafsd.daemon.Lifecycle;
import io.rafsd.daemon.Trigger;
import io.rafsd.error.UnexpectedEvent;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.StateMachineEventResult;
import org.springframework.statemachine.StateMachineEventResult.ResultType;
import org.springframework.statemachine.transition.Transition;
import reactor.core.publisher.Mono;

/**
 * The one door to the state machine. By itself the machine accepts two events at once for one transition, drops events that
 * meet a busy action, and swallows what actions throw. Here one thread works off one entry at a time, and the caller gets
 * what the action threw. Safe for many threads; an action must not fire an event itself.
 */
public final class Gate implements Lifecycle, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Gate.class);

    private final StateMachine<DaemonState, DaemonEvent> machine;
    private volatile @Nullable Thread worker;
    private final ExecutorService queue = Executors.newSingleThreadExecutor(this::thread);

    Gate(StateMachine<DaemonState, DaemonEvent> machine) {
        this.machine = machine;
    }

    private Thread thread(Runnable work) {
        Thread thread = Thread.ofPlatform().name("daemon-state").daemon(true).unstarted(work);
        worker = thread;
        return thread;
    }

    @Override
    public DaemonState state() {
        return machine.getState().getId();
    }

    @Override
    public DaemonState fire(DaemonEvent event) throws IOException {
        return enter(() -> process(event));
    }

    @Override
    public DaemonState trigger(Trigger trigger) throws IOException {
        return enter(() -> {
            List<DaemonEvent> events = trigger.events(state());
            for (DaemonEvent event : events) {
                process(event);
            }
            return state();
        });
    }

    private DaemonState enter(Callable<DaemonState> entry) throws IOException {
        if (Thread.currentThread() == worker) {
            throw new IllegalStateException("an event was fired from inside an action");
        }
        try {
            return queue.submit(entry).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            // The entry goes on: an action cannot be left half done.
            Thread.currentThread().interrupt();
            throw new UnexpectedEvent("interrupted while the daemon changed its state", e);
        }
    }

    private DaemonState process(DaemonEvent event) throws IOException {
        DaemonState from = state();
        DaemonState target = target(from, event);
        Ticket ticket = new Ticket();
        List<StateMachineEventResult<DaemonState, DaemonEvent>> results = machine.sendEventCollect(
                        Mono.just(MessageBuilder.withPayload(event)
                                .setHeader(Ticket.HEADER, ticket)
                                .build()))
                .block();
        try {
            ticket.rethrow();
            boolean accepted = results != null
                    && results.stream().anyMatch(result -> result.getResultType() == ResultType.ACCEPTED);
            if (!accepted || state() != target) {
                throw new IllegalStateException("the machine did not follow " + event + " from " + from + " to "
                        + target + ": it is " + state());
            }
        } catch (IOException | RuntimeException e) {
            log.atWarn().log("{} -{}-> {} failed: {}", from, event, target, e.getMessage());
            throw e;
        }
        log.atInfo().log("{} -{}-> {}", from, event, target);
        return target;
    }

    private DaemonState target(DaemonState from, DaemonEvent event) throws UnexpectedEvent {
        for (Transition<DaemonState, DaemonEvent> transition : machine.getTransitions()) {
            if (transition.getSource().getId() == from
                    && transition.getTrigger() != null
                    && transition.getTrigger().getEvent() == event) {
                return transition.getTarget().getId();
            }
        }
        throw new UnexpectedEvent("unexpected event " + event + " in state " + from);
    }

    @Override
    public void destroy() {
        queue.shutdown();
    }
}
