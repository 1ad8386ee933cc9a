package io.rafsd.storage.backend.registry;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The body of a response as the bytes of a range. One thread at a time. */
final class ResponseStream implements BlobStream {

    private static final int BUFFER = 64 << 10;

    private final HttpResponse response;
    private final String shown;
    private final ByteRange range;
    private final InputStream body;
    private final byte[] buffer;
    private long done;

    ResponseStream(HttpResponse response, String shown, ByteRange range) throws IOException {
        this.response = response;
        this.shown = shown;
        this.range = range;
        this.body = response.body();
        this.buffer = new byte[(int) Math.min(BUFFER, Math.max(1, range.length()))];
    }

    @Override
    public void readFully(MemorySegment destination) throws IOException {
        long filled = 0;
        while (filled < destination.byteSize()) {
            int n;
            try {
                n = body.read(buffer, 0, (int) Math.min(buffer.length, destination.byteSize() - filled));
            } catch (IOException e) {
                throw broken(": " + e.getMessage(), e);
            }
            if (n < 0) {
                throw broken("", null);
            }
            MemorySegment.copy(buffer, 0, destination, ValueLayout.JAVA_BYTE, filled, n);
            filled += n;
            done += n;
        }
        if (done == range.length()) {
            requireEnd();
        }
    }

    /** Sees the end of the body, which is what lets the connection serve the next request. */
    private void requireEnd() throws BackendFailure {
        int next;
        try {
            next = body.read();
        } catch (IOException e) {
            // All bytes are here; that the connection broke after them is no loss.
            return;
        }
        if (next >= 0) {
            throw new BackendFailure(
                    BackendFailure.Kind.RETRYABLE,
                    shown + ": the answer has more than the " + range.length() + " bytes from " + range.offset()
                            + " that were asked");
        }
    }

    private BackendFailure broken(String why, @Nullable IOException cause) {
        return new BackendFailure(
                BackendFailure.Kind.RETRYABLE,
                shown + ": the answer broke off after " + done + " of " + range.length() + " bytes from "
                        + range.offset() + why,
                cause);
    }

    @Override
    public void close() {
        response.close();
    }
}
