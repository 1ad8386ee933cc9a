package io.rafsd.codec;

import java.lang.foreign.MemorySegment;

/** Hashes one input after the other. For one thread at a time. */
@FunctionalInterface
interface Blake3Hasher {

    /** @param data may be on or off heap, at any alignment */
    Digest digest(MemorySegment data);
}
