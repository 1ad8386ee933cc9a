package io.rafsd.supervise;

import java.time.Duration;

/** How long to wait before something is started again: not at all the first time, longer when it fails again soon. */
final class Backoff {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    /** What has lived so long is well. */
    private static final Duration WELL = Duration.ofSeconds(20);

    private Duration next = Duration.ZERO;

    /** @param lived of what has ended now */
    Duration after(Duration lived) {
        if (lived.compareTo(WELL) >= 0) {
            next = Duration.ZERO;
        }
        Duration wait = next;
        Duration longer = next.isZero() ? FIRST : next.multipliedBy(2);
        next = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
        return wait;
    }
}
