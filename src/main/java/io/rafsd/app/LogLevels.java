package io.rafsd.app;

import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/** Changes what is logged while the daemon runs. */
final class LogLevels {

    private LogLevels() {}

    /** @param level as nydusd names them: off, error, warn, info, debug, trace */
    static void set(String level) {
        LogLevel wanted = switch (level) {
            case "off" -> LogLevel.OFF;
            case "error" -> LogLevel.ERROR;
            case "warn" -> LogLevel.WARN;
            case "debug" -> LogLevel.DEBUG;
            case "trace" -> LogLevel.TRACE;
            default -> LogLevel.INFO;
        };
        LoggingSystem.get(LogLevels.class.getClassLoader()).setLogLevel("io.rafsd", wanted);
        LoggerFactory.getLogger(LogLevels.class).atInfo().log("log level is {}", level);
    }
}
