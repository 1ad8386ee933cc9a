package io.rafsd.demo.registry;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a file that a {@code Range} header asks for.
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, not below {@code first}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2">RFC 9110, section 14.1.2</a>
 */
record RangeHeader(long first, long last) {

    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /**
     * Reads the header for a file of {@code size} bytes.
     *
     * @return null if the whole file is to be sent: no header, several ranges, or a form we do not know
     * @throws Refusal if the range begins behind the end of the file
     */
    static @Nullable RangeHeader parse(@Nullable String header, long size) throws Refusal {
        Matcher matcher = ONE.matcher(header == null ? "" : header.strip());
        if (!matcher.matches()) {
            return null;
        }
        String from = matcher.group(1);
        String to = matcher.group(2);
        if (from.isEmpty() && to.isEmpty()) {
            return null;
        }
        long first = from.isEmpty() ? Math.max(0, size - Long.parseLong(to)) : Long.parseLong(from);
        long last = from.isEmpty() || to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to));
        if (!from.isEmpty() && !to.isEmpty() && Long.parseLong(to) < first) {
            return null;
        }
        if (first >= size) {
            throw new Refusal(416, "RANGE_INVALID", "the blob has " + size + " bytes, asked was " + header);
        }
        return new RangeHeader(first, last);
    }

    long length() {
        return last - first + 1;
    }
}
