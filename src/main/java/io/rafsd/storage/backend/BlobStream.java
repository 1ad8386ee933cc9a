package io.rafsd.storage.backend;

import io.rafsd.error.BackendFailure;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The bytes of one opened range, in order. Confined to one thread at a time; closing early aborts the transfer. */
public interface BlobStream extends AutoCloseable {

    /**
     * Fills {@code destination} with the next bytes of the range.
     *
     * @throws BackendFailure if the backend sends fewer, stalls, or the deadline passes
     */
    void readFully(MemorySegment destination) throws IOException;

    @Override
    void close();
}
