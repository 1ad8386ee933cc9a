package io.rafsd.daemon.statemachine;

import static io.rafsd.daemon.DaemonEvent.EXIT;
import static io.rafsd.daemon.DaemonEvent.MOUNT;
import static io.rafsd.daemon.DaemonEvent.START;
import static io.rafsd.daemon.DaemonEvent.STOP;
import static io.rafsd.daemon.DaemonEvent.TAKEOVER;
import static io.rafsd.daemon.DaemonState.INIT;
import static io.rafsd.daemon.DaemonState.READY;
import static io.rafsd.daemon.DaemonState.RUNNING;
import static io.rafsd.daemon.DaemonState.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.daemon.DaemonEvent;
import io.rafsd.daemon.DaemonState;
import io.rafsd.daemon.Trigger;
import io.rafsd.error.UnexpectedEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;

class GateTest {

    private final List<String> done = new ArrayList<>();
    private Ticket.Work start = () -> {};
    private Gate gate = newGate();

    @BeforeEach
    void fresh() {
        gate.destroy();
        gate = newGate();
        done.clear();
    }

    @AfterEach
    void end() {
        gate.destroy();
    }

    private Gate newGate() {
        TransitionTable table = new TransitionTable();
        try {
            return table.lifecycle(table.daemonMachine(
                    new DefaultListableBeanFactory(),
                    Ticket.recording("start", () -> {
                        start.run();
                        done.add("start");
                    }),
                    Ticket.recording("umount", () -> done.add("umount")),
                    Ticket.recording("restore", () -> done.add("restore")),
                    Ticket.recording("terminate", () -> done.add("terminate")),
                    Ticket.recording("stop", () -> done.add("stop"))));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void sevenTransitionsAreAllowedAndNoOther() throws IOException {
        Map<DaemonState, Map<DaemonEvent, DaemonState>> allowed = new EnumMap<>(DaemonState.class);
        allowed.put(INIT, Map.of(MOUNT, READY, TAKEOVER, READY, STOP, STOPPED));
        allowed.put(READY, Map.of(START, RUNNING, STOP, STOPPED, EXIT, STOPPED));
        allowed.put(RUNNING, Map.of(STOP, READY));
        allowed.put(STOPPED, Map.of());
        for (Map.Entry<DaemonState, Map<DaemonEvent, DaemonState>> from : allowed.entrySet()) {
            for (DaemonEvent event : DaemonEvent.values()) {
                fresh();
                bringTo(from.getKey());
                DaemonState target = from.getValue().get(event);
                if (target != null) {
                    assertThat(gate.fire(event))
                            .as("%s in %s", event, from.getKey())
                            .isEqualTo(target);
                } else {
                    assertThatExceptionOfType(UnexpectedEvent.class)
                            .isThrownBy(() -> gate.fire(event))
                            .withMessage("unexpected event " + event + " in state " + from.getKey());
                    assertThat(gate.state()).isEqualTo(from.getKey());
                }
            }
        }
    }

    private void bringTo(DaemonState state) throws IOException {
        switch (state) {
            case INIT, UNKNOWN -> {}
            case READY -> gate.fire(MOUNT);
            case RUNNING -> {
                gate.fire(MOUNT);
                gate.fire(START);
            }
            case STOPPED -> gate.fire(STOP);
        }
        done.clear();
    }

    @Test
    void failedStartLeavesTheDaemonReadyAndStartableAgain() throws IOException {
        gate.fire(MOUNT);
        start = () -> {
            throw new IOException("no /dev/fuse");
        };
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> gate.fire(START))
                .withMessage("no /dev/fuse");
        assertThat(gate.state()).isEqualTo(READY);
        start = () -> {};
        assertThat(gate.fire(START)).isEqualTo(RUNNING);
    }

    @Test
    void errorInsideAnActionReachesTheCallerAndDoesNotKillTheMachine() throws IOException {
        gate.fire(MOUNT);
        start = () -> {
            throw new UnsatisfiedLinkError("libfuse");
        };
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> gate.fire(START))
                .withCauseInstanceOf(UnsatisfiedLinkError.class);
        start = () -> {};
        assertThat(gate.fire(START)).isEqualTo(RUNNING);
    }

    @Test
    void ofTwoStartsAtOnceOneIsDoneAndOneRefused() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 50; round++) {
                fresh();
                gate.fire(MOUNT);
                CyclicBarrier together = new CyclicBarrier(2);
                List<Future<Boolean>> outcomes = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    outcomes.add(callers.submit(() -> {
                        together.await();
                        try {
                            gate.fire(START);
                            return true;
                        } catch (UnexpectedEvent e) {
                            return false;
                        }
                    }));
                }
                assertThat(List.of(outcomes.get(0).get(), outcomes.get(1).get()))
                        .containsExactlyInAnyOrder(true, false);
                assertThat(done).containsExactly("start");
            }
        }
    }

    @Test
    void shuttingDownStopsServingBeforeItUnmountsAndLeavingDoesNotUnmount() throws IOException {
        bringTo(RUNNING);
        assertThat(gate.trigger(Trigger.SHUT_DOWN)).isEqualTo(STOPPED);
        assertThat(done).containsExactly("terminate", "umount");
        assertThat(gate.trigger(Trigger.SHUT_DOWN)).isEqualTo(STOPPED);
        fresh();
        bringTo(RUNNING);
        gate.trigger(Trigger.LEAVE);
        assertThat(done).containsExactly("terminate", "stop");
    }
}
