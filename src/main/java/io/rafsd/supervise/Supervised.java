package io.rafsd.supervise;

import io.rafsd.upgrade.Succession;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A child that runs the daemon's command line.
 *
 * @param process of it
 * @param begun when, as {@link System#nanoTime} counts
 */
record Supervised(Process process, long begun) {

    /** How it follows others. */
    enum Kind {
        /** Mounts by itself. */
        FIRST,
        /** Takes over at once what is left. */
        HEIR,
        /** Waits. */
        STANDBY
    }

    static Supervised start(List<String> command, Kind kind, Path keepers, Path estate, Runnable whenEnded)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).inheritIO();
        Map<String, String> variables = builder.environment();
        variables.put(Succession.KEEPERS, keepers.toString());
        variables.remove(Succession.STANDBY);
        variables.remove(Succession.ESTATE);
        // The service manager's words are with us.
        variables.remove("NOTIFY_SOCKET");
        variables.remove("WATCHDOG_USEC");
        switch (kind) {
            case FIRST -> {}
            case HEIR -> variables.put(Succession.ESTATE, estate.toString());
            case STANDBY -> variables.put(Succession.STANDBY, "1");
        }
        Process process = builder.start();
        CompletableFuture<?> _ = process.onExit().thenRun(whenEnded);
        return new Supervised(process, System.nanoTime());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** @return 128 and the number of the signal where one has killed it */
    int code() {
        return process.exitValue();
    }

    /** Whether it was killed or crashed, and did not end by its own decision. */
    static boolean isDeath(int code) {
        return code > 128 || code == 3;
    }

    Duration lived() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    static boolean lives(@Nullable Supervised child) {
        return child != null && child.isAlive();
    }
}
