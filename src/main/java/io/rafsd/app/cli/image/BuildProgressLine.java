package io.rafsd.app.cli.image;

import io.rafsd.app.demo.ProgressLine;
import io.rafsd.builder.BuildProgress;
import java.io.Console;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows how far a build is: a line that renews itself on a terminal, a line now and then in the log. */
final class BuildProgressLine implements BuildProgress, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(BuildProgressLine.class);
    private static final long LOG_EVERY_NANOS = 10_000_000_000L;

    private final ProgressLine line = new ProgressLine(System.err, true, "building");
    private final boolean terminal = isTerminal();
    private long logged = System.nanoTime();

    @Override
    public void stored(long files, long bytes, long totalFiles, long totalBytes) {
        if (terminal) {
            line.show(bytes, totalBytes);
        } else if (System.nanoTime() - logged > LOG_EVERY_NANOS) {
            logged = System.nanoTime();
            log.atInfo()
                    .addKeyValue("files", files)
                    .addKeyValue("bytes", bytes)
                    .addKeyValue("ofFiles", totalFiles)
                    .addKeyValue("ofBytes", totalBytes)
                    .log("building");
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
