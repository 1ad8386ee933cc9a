package io.rafsd.app.cli;

import io.rafsd.error.InvalidRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** nydusd's rules of which options go together. What breaks them is not understood; what only cannot be done is a failure. */
record NydusdUsage(CommandSpec command) {

    void require(boolean condition, String rule) {
        if (!condition) {
            throw new ParameterException(command.commandLine(), rule);
        }
    }

    void together(String option, @Nullable Object value, String other, @Nullable Object otherValue) {
        require(value == null || otherValue != null, option + " needs " + other);
    }

    void apart(String option, @Nullable Object value, String other, @Nullable Object otherValue) {
        require(value == null || otherValue == null, option + " and " + other + " exclude each other");
    }

    /** Of options that nydusd reads only when it uses them, so that a wrong one is a failure. */
    static long number(String option, String value) throws InvalidRequest {
        try {
            long number = Long.parseLong(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new InvalidRequest(option + " must be a whole number, 0 or more, not '" + value + "'");
    }
}
