package io.rafsd.app.cli;

import io.rafsd.daemon.DaemonSettings;
import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a command line asks the daemon to be.
 *
 * @param settings of the daemon; null: the {@code rafsd.*} properties say
 * @param stateDirectory for bootstraps and private caches; null: the properties say
 * @param actuatorPort for health, metrics and endpoints; 0: a free one, null: the properties say, negative: none
 * @param loopbackOnly whether the actuator is for this machine alone
 * @param succession whom it follows
 * @param whenServing run when it serves
 * @param whenEnded run when it has ended
 */
public record DaemonLaunch(
        @Nullable DaemonSettings settings,
        @Nullable Path stateDirectory,
        @Nullable Integer actuatorPort,
        boolean loopbackOnly,
        Succession succession,
        Step whenServing,
        Step whenEnded) {

    /** Something to be done on the way. */
    @FunctionalInterface
    public interface Step {

        /** For launches that have nothing to do. */
        Step NONE = () -> {};

        void run() throws IOException;
    }

    public DaemonLaunch(
            @Nullable DaemonSettings settings,
            @Nullable Path stateDirectory,
            @Nullable Integer actuatorPort,
            boolean loopbackOnly) {
        this(settings, stateDirectory, actuatorPort, loopbackOnly, Succession.ofEnvironment(), Step.NONE, Step.NONE);
    }

    /** The same launch of another daemon. */
    public DaemonLaunch with(DaemonSettings other) {
        return new DaemonLaunch(other, stateDirectory, actuatorPort, loopbackOnly, succession, whenServing, whenEnded);
    }

    /** The same launch with something to be done when it serves. */
    DaemonLaunch whenServing(Step step) {
        return new DaemonLaunch(settings, stateDirectory, actuatorPort, loopbackOnly, succession, step, whenEnded);
    }

    /** The same launch of a daemon that follows others. */
    DaemonLaunch following(Succession others) {
        return new DaemonLaunch(settings, stateDirectory, actuatorPort, loopbackOnly, others, whenServing, whenEnded);
    }
}
