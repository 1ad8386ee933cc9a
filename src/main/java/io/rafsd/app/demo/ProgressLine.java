package io.rafsd.app.demo;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** Shows how far long work is: one line that renews itself on a terminal, a line now and then in a log. One thread. */
public final class ProgressLine {

    private static final int WIDTH = 30;
    private static final long TERMINAL_EVERY = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LOG_EVERY = TimeUnit.SECONDS.toNanos(2);

    private final PrintStream out;
    private final boolean terminal;
    private final String label;
    private long shown;

    /** @param terminal whether {@code out} is one that people look at */
    public ProgressLine(PrintStream out, boolean terminal, String label) {
        this.out = out;
        this.terminal = terminal;
        this.label = label;
        this.shown = System.nanoTime();
    }

    /** Shows how much is done, unless that was shown a moment ago. */
    public synchronized void show(long done, long total) {
        long now = System.nanoTime();
        if (now - shown < (terminal ? TERMINAL_EVERY : LOG_EVERY) || total <= 0) {
            return;
        }
        shown = now;
        int percent = (int) Math.min(100, done * 100 / total);
        if (terminal) {
            int full = percent * WIDTH / 100;
            out.print("\r  " + label + "  [" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " + percent + " %");
            out.flush();
        } else {
            out.println("  " + label + "  " + percent + " %");
        }
    }

    /** Removes the line, so that what follows stands in its place. */
    public synchronized void clear() {
        if (terminal) {
            out.print("\r" + " ".repeat(label.length() + WIDTH + 16) + "\r");
            out.flush();
        }
    }
}
