package io.rafsd.app.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the control API answers and what it says of itself: all that has to be known of a command line before the daemon can
 * tell its clients that it is coming up. They wait for that less long than the whole command line takes to be read.
 *
 * @param socket of the control API
 * @param id of the daemon, null without one
 * @param supervisor of the daemon, null without one
 * @param standby whether another daemon has the socket still
 */
public record ControlAddress(
        Path socket, @Nullable String id, @Nullable Path supervisor, boolean standby) {

    private static final List<String> NO_DAEMON = List.of("-h", "--help", "-V", "--version");

    /** What nydusd's options say at a glance; null if there is no socket, or nothing to be started. */
    static @Nullable ControlAddress glance(String[] args, boolean standby) {
        if (List.of(args).stream().anyMatch(NO_DAEMON::contains)) {
            return null;
        }
        String socket = value(args, "--apisock", "-A");
        String supervisor = value(args, "--supervisor");
        return socket == null
                ? null
                : new ControlAddress(
                        Path.of(socket), value(args, "--id"), supervisor == null ? null : Path.of(supervisor), standby);
    }

    private static @Nullable String value(String[] args, String... names) {
        for (int i = 0; i < args.length; i++) {
            for (String name : names) {
                if (args[i].equals(name) && i + 1 < args.length) {
                    return args[i + 1];
                }
                if (args[i].startsWith(name + "=")) {
                    return args[i].substring(name.length() + 1);
                }
            }
        }
        return null;
    }
}
