package io.rafsd.blob;

import java.util.regex.Pattern;

/**
 * The name of a blob: normally 64 hexadecimal digits of a SHA-256, at most 64 bytes. It becomes a file name and part of
 * a URL, so it is checked here once.
 */
public record BlobId(String value) {

    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public BlobId {
        if (!isLegal(value)) {
            throw new IllegalArgumentException(
                    "'" + value + "' is no blob id: 1 to 64 letters, digits, '.', '_' or '-'");
        }
    }

    public static boolean isLegal(String value) {
        return LEGAL.matcher(value).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
