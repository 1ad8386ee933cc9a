package io.rafsd.builder.tar;

import io.rafsd.error.InvalidRequest;
import io.rafsd.rafs.layout.Xattr;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pax header says of the members behind it: records {@code "length key=value\n"}, where the length alone says where
 * a value ends, so a value may hold any byte. Keys are Latin text of raw bytes.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">pax extended header</a>
 */
final class PaxRecords {

    private static final String XATTR = "SCHILY.xattr.";
    private static final String XATTR_BASE64 = "LIBARCHIVE.xattr.";
    private static final String SPARSE_OFFSET = "GNU.sparse.offset";
    private static final String SPARSE_SIZE = "GNU.sparse.numbytes";

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    /** GNU sparse 0.0 repeats these keys; offset and size by turns. */
    private final List<Long> sparsePairs = new ArrayList<>();

    void add(byte[] records, long offset) throws InvalidRequest {
        int at = 0;
        while (at < records.length && records[at] != 0) {
            int space = indexOf(records, ' ', at, records.length);
            int length = space < 0 ? 0 : length(records, at, space);
            int equals =
                    length <= 0 || at + length > records.length ? -1 : indexOf(records, '=', space + 1, at + length);
            if (equals < 0 || records[at + length - 1] != '\n') {
                throw new InvalidRequest(
                        "pax header at " + offset + ": the record at byte " + at + " is not 'length key=value'");
            }
            put(latin(records, space + 1, equals), Arrays.copyOfRange(records, equals + 1, at + length - 1));
            at += length;
        }
    }

    private void put(String key, byte[] value) throws InvalidRequest {
        if (key.equals(SPARSE_OFFSET) || key.equals(SPARSE_SIZE)) {
            sparsePairs.add(number(key, value));
        } else if (value.length == 0 && !key.startsWith(XATTR)) {
            values.remove(key);
        } else {
            values.put(key, value);
        }
    }

    void addAll(PaxRecords others) {
        values.putAll(others.values);
        sparsePairs.addAll(others.sparsePairs);
    }

    byte @Nullable [] bytes(String key) {
        return values.get(key);
    }

    @Nullable
    String text(String key) {
        byte[] value = values.get(key);
        return value == null ? null : latin(value, 0, value.length);
    }

    /** The number of a key, or {@code other} if there is none. */
    long number(String key, long other) throws InvalidRequest {
        byte[] value = values.get(key);
        return value == null ? other : number(key, value);
    }

    /** The time of a key, or null. */
    @Nullable
    BigDecimal time(String key) throws InvalidRequest {
        String value = text(key);
        try {
            return value == null ? null : new BigDecimal(value.strip());
        } catch (NumberFormatException e) {
            throw new InvalidRequest("pax header: " + key + " '" + value + "' is no time", e);
        }
    }

    List<Long> sparsePairs() {
        return sparsePairs;
    }

    List<Xattr> xattrs() throws InvalidRequest {
        List<Xattr> xattrs = new ArrayList<>();
        for (Map.Entry<String, byte[]> entry : values.entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(XATTR)) {
                xattrs.add(xattr(key.substring(XATTR.length()), entry.getValue()));
            } else if (key.startsWith(XATTR_BASE64)
                    && !values.containsKey(XATTR + key.substring(XATTR_BASE64.length()))) {
                xattrs.add(xattr(key.substring(XATTR_BASE64.length()), base64(key, entry.getValue())));
            }
        }
        return xattrs;
    }

    private static Xattr xattr(String name, byte[] value) {
        return new Xattr(
                MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1)), MemorySegment.ofArray(value));
    }

    private static byte[] base64(String key, byte[] value) throws InvalidRequest {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequest("pax header: the value of " + key + " is no base64", e);
        }
    }

    private static long number(String key, byte[] value) throws InvalidRequest {
        String text = latin(value, 0, value.length);
        try {
            long number = Long.parseLong(text.strip());
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new InvalidRequest("pax header: " + key + " '" + text + "' is no number", e);
        }
        throw new InvalidRequest("pax header: " + key + " '" + text + "' is negative");
    }

    private static int length(byte[] records, int from, int to) {
        int length = 0;
        for (int i = from; i < to; i++) {
            if (records[i] < '0' || records[i] > '9' || length > records.length) {
                return -1;
            }
            length = length * 10 + records[i] - '0';
        }
        return length;
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static String latin(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
