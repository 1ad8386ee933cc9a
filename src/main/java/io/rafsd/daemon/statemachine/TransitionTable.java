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

import io.rafsd.daemon.Daemon;
import io.rafsd.daemon.DaemonEvent;
import io.rafsd.daemon.DaemonState;
import java.util.EnumSet;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.action.Action;
import org.springframework.statemachine.config.StateMachineBuilder;

/**
 * The life of the daemon, as Spring Statemachine declares it.
 *
 * <pre>
 *          MOUNT                START
 *   INIT ---------> READY ----------------> RUNNING
 *     | TAKEOVER      ^                        |
 *     |-- restore ----+------- STOP -----------+   (terminate)
 *     |               | STOP (umount), EXIT (stop)
 *     | STOP (stop)   v
 *     +---------> STOPPED
 * </pre>
 *
 * <p>Work is done in transition actions, never on entering a state: only so does a failure leave the state as it was.
 */
@Configuration(proxyBeanMethods = false)
public class TransitionTable {

    @Bean
    Action<DaemonState, DaemonEvent> startAction(Daemon daemon) {
        return Ticket.recording("start", daemon::start);
    }

    @Bean
    Action<DaemonState, DaemonEvent> umountAction(Daemon daemon) {
        return Ticket.recording("umount", daemon::umount);
    }

    @Bean
    Action<DaemonState, DaemonEvent> restoreAction(Daemon daemon) {
        return Ticket.recording("restore", daemon::restore);
    }

    @Bean
    Action<DaemonState, DaemonEvent> terminateAction(Daemon daemon) {
        return Ticket.recording("terminate", daemon::terminate);
    }

    @Bean
    Action<DaemonState, DaemonEvent> stopAction(Daemon daemon) {
        return Ticket.recording("stop", daemon::stop);
    }

    @Bean(destroyMethod = "")
    StateMachine<DaemonState, DaemonEvent> daemonMachine(
            BeanFactory beans,
            @Qualifier("startAction") Action<DaemonState, DaemonEvent> start,
            @Qualifier("umountAction") Action<DaemonState, DaemonEvent> umount,
            @Qualifier("restoreAction") Action<DaemonState, DaemonEvent> restore,
            @Qualifier("terminateAction") Action<DaemonState, DaemonEvent> terminate,
            @Qualifier("stopAction") Action<DaemonState, DaemonEvent> stop)
            throws Exception {
        StateMachineBuilder.Builder<DaemonState, DaemonEvent> machine = StateMachineBuilder.builder();
        machine.configureConfiguration()
                .withConfiguration()
                .machineId("daemon")
                .beanFactory(beans)
                .autoStartup(true);
        machine.configureStates()
                .withStates()
                .initial(INIT)
                .states(EnumSet.of(INIT, READY, RUNNING, STOPPED))
                .end(STOPPED);
        machine.configureTransitions()
                .withExternal()
                .source(INIT)
                .event(MOUNT)
                .target(READY)
                .and()
                .withExternal()
                .source(INIT)
                .event(TAKEOVER)
                .target(READY)
                .action(restore)
                .and()
                .withExternal()
                .source(INIT)
                .event(STOP)
                .target(STOPPED)
                .action(stop)
                .and()
                .withExternal()
                .source(READY)
                .event(START)
                .target(RUNNING)
                .action(start)
                .and()
                .withExternal()
                .source(READY)
                .event(STOP)
                .target(STOPPED)
                .action(umount)
                .and()
                .withExternal()
                .source(READY)
                .event(EXIT)
                .target(STOPPED)
                .action(stop)
                .and()
                .withExternal()
                .source(RUNNING)
                .event(STOP)
                .target(READY)
                .action(terminate);
        return machine.build();
    }

    @Bean
    Gate lifecycle(StateMachine<DaemonState, DaemonEvent> machine) {
        return new Gate(machine);
    }
}
