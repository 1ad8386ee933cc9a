package io.rafsd.app.cli.image;

import io.rafsd.error.InvalidRequest;

/** Numbers on the command line: decimal, or hexadecimal behind {@code 0x}. */
final class Sizes {

    private Sizes() {}

    /** @param option that the number belongs to */
    static int parse(String option, String text) throws InvalidRequest {
        try {
            return text.startsWith("0x") || text.startsWith("0X")
                    ? Integer.parseInt(text.substring(2), 16)
                    : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidRequest(option + " '" + text + "' is no number; give bytes, like 1048576 or 0x100000", e);
        }
    }
}
