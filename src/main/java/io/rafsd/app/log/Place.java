package io.rafsd.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** {@code %place} of a log line: where in the code it was written, for all levels but INFO, as nydusd shows it. */
public final class Place extends ClassicConverter {

    @Override
    public String convert(ILoggingEvent event) {
        StackTraceElement[] callers = event.getLevel() == Level.INFO ? new StackTraceElement[0] : event.getCallerData();
        return callers.length == 0 ? "" : "[" + callers[0].getFileName() + ":" + callers[0].getLineNumber() + "] ";
    }
}
