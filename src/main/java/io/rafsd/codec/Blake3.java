package io.rafsd.codec;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * BLAKE3 in plain hash mode, 32 bytes out. Begins with one chunk after the other and, once enough has been hashed to make
 * it worth while, goes on with the library of its authors, if there is one,
 * or with many chunks side by side. Safe for many threads.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification</a>
 */
final class Blake3 {

    private static final LaneSwitch WAYS = new LaneSwitch(LaneSwitch.START_AFTER_BYTES, Blake3::faster);

    private Blake3() {}

    private static @Nullable FastHashers faster() {
        FastHashers library = NativeBlake3.find();
        return library == null ? LaneWarmUp.run() : library;
    }

    static void expect(long bytes) {
        WAYS.expect(bytes);
    }

    static Digest digest(MemorySegment data) {
        return WAYS.digest(data);
    }
}
