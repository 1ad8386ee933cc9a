package io.rafsd.codec;

import java.lang.foreign.MemorySegment;

/**
 * BLAKE3 in plain hash mode, 32 bytes out. Begins with one chunk after the other and, once enough has been hashed to make
 * it worth while, hashes many chunks side by side. Safe for many threads.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification</a>
 */
final class Blake3 {

    private static final LaneSwitch WAYS = new LaneSwitch(LaneSwitch.START_AFTER_BYTES, LaneWarmUp::run);

    private Blake3() {}

    static void expect(long bytes) {
        WAYS.expect(bytes);
    }

    static Digest digest(MemorySegment data) {
        return WAYS.digest(data);
    }
}
