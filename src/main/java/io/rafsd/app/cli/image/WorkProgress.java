package io.rafsd.app.cli.image;

import io.rafsd.app.demo.ProgressLine;
import java.io.Console;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows how far long work is: a line that renews itself on a terminal, a line now and then in the log. */
final class WorkProgress implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WorkProgress.class);
    private static final long LOG_EVERY_NANOS = 10_000_000_000L;

    private final String work;
    private final ProgressLine line;
    private final boolean terminal = isTerminal();
    private long logged = System.nanoTime();

    /** @param work what is being done, one word */
    WorkProgress(String work) {
        this.work = work;
        this.line = new ProgressLine(System.err, true, work);
    }

    /** Says how many bytes are done; called often. */
    void show(long bytes, long totalBytes) {
        if (terminal) {
            line.show(bytes, totalBytes);
        } else if (System.nanoTime() - logged > LOG_EVERY_NANOS) {
            logged = System.nanoTime();
            log.atInfo()
                    .addKeyValue("bytes", bytes)
                    .addKeyValue("ofBytes", totalBytes)
                    .log(work);
        }
    }

    @Override
    public void close() {
        if (terminal) {
            line.clear();
        }
    }

    @SuppressWarnings("SystemConsoleNull") // it still is null where the console is switched off by a property
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
