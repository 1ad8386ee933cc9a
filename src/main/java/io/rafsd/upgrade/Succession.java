package io.rafsd.upgrade;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom a daemon's process follows, and who may follow it. A supervisor says so by variables of the environment, whatever
 * command line the daemon has.
 *
 * @param keepers socket where keepers connect, null for the one beside the control socket
 * @param standby whether it mounts nothing, but waits to take over
 * @param estate socket that gives what a dead daemon has left, null if none has died
 */
public record Succession(
        @Nullable Path keepers, boolean standby, @Nullable Path estate) {

    /** Variables. */
    public static final String KEEPERS = "RAFSD_STANDBY_SOCKET";

    public static final String STANDBY = "RAFSD_STANDBY";
    public static final String ESTATE = "RAFSD_TAKEOVER";

    public static Succession ofEnvironment() {
        Map<String, String> variables = System.getenv();
        return new Succession(
                path(variables.get(KEEPERS)), variables.containsKey(STANDBY), path(variables.get(ESTATE)));
    }

    private static @Nullable Path path(@Nullable String value) {
        return value == null || value.isEmpty() ? null : Path.of(value);
    }

    /** The one beside a control socket. */
    public static Path beside(Path controlSocket) {
        return controlSocket.resolveSibling(controlSocket.getFileName() + ".standby");
    }

    /** Where a standby answers control requests until it has taken over. */
    public static Path waiting(Path controlSocket) {
        return controlSocket.resolveSibling(controlSocket.getFileName() + ".waiting");
    }

    /** The same for a daemon that waits to take over. */
    public Succession asStandby() {
        return new Succession(keepers, true, estate);
    }

    /** The same with a socket for keepers, if it is not null. */
    public Succession keptAt(@Nullable Path socket) {
        return socket == null ? this : new Succession(socket, standby, estate);
    }

    /** Whether there is a mount already, that nobody may look at before it is served again. */
    public boolean isHeir() {
        return standby || estate != null;
    }
}
