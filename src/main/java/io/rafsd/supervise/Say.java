package io.rafsd.supervise;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The log of a process that is too small for one. */
final class Say {

    private Say() {}

    @SuppressWarnings("SystemOut")
    static void it(String sentence) {
        System.err.println(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " supervise: " + sentence);
    }
}
