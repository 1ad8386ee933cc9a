package io.rafsd.storage.backend.registry;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads ranges of one blob of a registry. Where redirects led is remembered, because each would cost a round trip more at
 * every read, and forgotten at the first answer from there that is no success. Safe for many threads.
 */
public final class RegistryBlobReader implements BlobReader {

    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final RegistryClient client;
    private final String digest;
    private volatile @Nullable URI redirected;

    /** @param digest {@code sha256:…} */
    public RegistryBlobReader(RegistryClient client, String digest) {
        this.client = client;
        this.digest = digest;
    }

    @Override
    public long size(ReadContext context) throws IOException {
        try (HttpResponse response = client.get("HEAD", "blobs/" + digest, Map.of(), context)) {
            String length = response.header("Content-Length");
            if (length == null) {
                throw wrong("a HEAD without Content-Length");
            }
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw wrong("a Content-Length that is no number");
        }
    }

    @Override
    public BlobStream open(ByteRange range, ReadContext context) throws IOException {
        Map<String, String> headers = Map.of("Range", "bytes=" + range.offset() + "-" + (range.end() - 1));
        URI home = client.resolve("blobs/" + digest);
        URI shortcut = redirected;
        RegistryClient.Located located;
        try {
            located = client.follow("GET", home, headers, context, shortcut);
        } catch (BackendFailure e) {
            if (shortcut == null) {
                throw e;
            }
            // The address has expired, or what stood behind it has gone: ask the registry for another.
            redirected = null;
            located = client.follow("GET", home, headers, context, null);
        }
        redirected = located.location().equals(home) ? null : located.location();
        HttpResponse response = located.response();
        try {
            check(range, response);
            return new ResponseStream(response, client.shown() + "@" + digest, range);
        } catch (IOException | RuntimeException e) {
            response.close();
            redirected = null;
            throw e;
        }
    }

    /** A range that is not the one asked for would be a wrong byte; the digest would find it, but late. */
    private void check(ByteRange range, HttpResponse response) throws BackendFailure {
        String encoding = response.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw wrong("a body in the encoding " + encoding);
        }
        if (response.status() == 206) {
            String stated = response.header("Content-Range");
            Matcher matcher = CONTENT_RANGE.matcher(stated == null ? "" : stated);
            if (!matcher.matches()
                    || Long.parseLong(matcher.group(1)) != range.offset()
                    || Long.parseLong(matcher.group(2)) != range.end() - 1) {
                throw wrong("the range '" + stated + "' where bytes " + range.offset() + "-" + (range.end() - 1)
                        + " were asked");
            }
            String length = response.header("Content-Length");
            if (length != null && !length.equals(Long.toString(range.length()))) {
                throw wrong(length + " bytes where " + range.length() + " were asked");
            }
        } else if (response.status() != 200) {
            throw wrong("status " + response.status() + " where a range was asked");
        } else if (range.offset() != 0 || !Long.toString(range.length()).equals(response.header("Content-Length"))) {
            throw wrong("the whole blob where a range was asked: it, or a proxy before it, ignores Range");
        }
    }

    private BackendFailure wrong(String what) {
        return new BackendFailure(
                BackendFailure.Kind.RETRYABLE, client.shown() + "@" + digest + ": the registry answered " + what);
    }
}
