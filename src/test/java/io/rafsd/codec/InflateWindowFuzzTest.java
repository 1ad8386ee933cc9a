package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Wherever in a gzip file inflating begins, and whatever lies there: it gives exactly the bytes that are wanted, the same
 * each time, or it is refused; nothing beyond is touched.
 */
class InflateWindowFuzzTest {

    private static final int HEADER = 6;
    private static final int GUARD = 64;
    private static final byte UNTOUCHED = 0x5A;

    /** @param bytes bits, the byte before, sizes of dictionary and plain text in two bytes each, dictionary, window */
    @FuzzTest
    void anyWindowFillsItsPlaceOrIsRefused(byte[] bytes) {
        if (bytes.length < HEADER) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            int dictionary = Math.min(size(bytes, 2), Math.min(bytes.length - HEADER, InflateWindow.MAX_DICTIONARY));
            InflateWindow window = new InflateWindow(bytes[0] & 7, bytes[1] & 0xFF, all.asSlice(HEADER, dictionary));
            MemorySegment stored = all.asSlice(HEADER + dictionary);
            MemorySegment first = inflated(window, stored, size(bytes, 4), arena, UNTOUCHED);
            MemorySegment second = inflated(window, stored, size(bytes, 4), arena, (byte) ~UNTOUCHED);
            if (first.byteSize() > 0 || second.byteSize() > 0) {
                assertThat(second.mismatch(first)).isEqualTo(-1);
            }
        }
    }

    private static int size(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    /** Empty if it was refused. */
    private static MemorySegment inflated(
            InflateWindow window, MemorySegment stored, int size, Arena arena, byte untouched) {
        MemorySegment place = arena.allocate(size + GUARD).fill(untouched);
        MemorySegment plain = place.asSlice(0, size);
        try {
            window.inflate(stored, plain);
        } catch (IntegrityFailure e) {
            assertThat(e.getMessage()).isNotBlank();
            plain = place.asSlice(0, 0);
        }
        for (int i = size; i < size + GUARD; i++) {
            assertThat(place.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(untouched);
        }
        return plain;
    }
}
