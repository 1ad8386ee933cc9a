package io.rafsd.filesystem;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The answer to one read. A worker's own reply is good only until {@link FileSystem#read} returns; who cannot answer by
 * then takes a {@linkplain #defer deferred} one and answers that, from any thread. Answered exactly once.
 */
public interface ReadReply {

    /** Where the answer goes: at least as many bytes as were asked for, off-heap. Valid until the reply is answered. */
    MemorySegment buffer();

    /** Answers with the first {@code length} bytes of the buffer. */
    void complete(int length);

    /** Answers with the errno that {@code failure} means. */
    void fail(IOException failure);

    /** A reply to the same read, with a buffer of its own, that outlives the call. This one must not be used after. */
    ReadReply defer();
}
