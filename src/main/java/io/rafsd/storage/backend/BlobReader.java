package io.rafsd.storage.backend;

import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Reads one blob where it lives. Safe for many threads; never caches, never retries (decorators do). It may block on the
 * network, so it is called on virtual threads.
 */
public interface BlobReader {

    /**
     * The size of the blob in bytes.
     *
     * @throws BackendFailure if the backend does not tell
     */
    long size(ReadContext context) throws IOException;

    /**
     * Opens a range for reading from its start. The bytes arrive as the caller asks for them, so that the first chunk of a
     * long range is there before the last.
     *
     * @throws BackendFailure if the backend refuses, or cannot deliver exactly this range
     */
    BlobStream open(ByteRange range, ReadContext context) throws IOException;

    /** Fills {@code destination} from {@code offset} on, or fails. */
    default void readFully(long offset, MemorySegment destination, ReadContext context) throws IOException {
        try (BlobStream stream = open(new ByteRange(offset, destination.byteSize()), context)) {
            stream.readFully(destination);
        }
    }
}
