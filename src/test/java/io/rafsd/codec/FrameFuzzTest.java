package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Whatever is stored as a chunk: it gives exactly the bytes that are wanted, or it is refused; nothing beyond is touched. */
class FrameFuzzTest {

    private static final int GUARD = 64;
    private static final byte UNTOUCHED = 0x5A;

    /** @param bytes the compression, the size that the image states in two bytes, then the stored chunk */
    @FuzzTest
    void anyStoredChunkFillsItsPlaceOrIsRefused(byte[] bytes) throws IntegrityFailure {
        if (bytes.length < 3) {
            return;
        }
        Compression compression = Objects.requireNonNull(Compression.of(bytes[0] & 3));
        int size = (bytes[1] & 0xFF) << 8 | (bytes[2] & 0xFF);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stored = arena.allocate(bytes.length)
                    .copyFrom(MemorySegment.ofArray(bytes))
                    .asSlice(3);
            MemorySegment place = arena.allocate(size + GUARD).fill(UNTOUCHED);
            MemorySegment plain = place.asSlice(0, size);
            if (fills(compression, stored, plain)) {
                storeAndReadAgain(compression, plain, arena);
            }
            for (int i = size; i < size + GUARD; i++) {
                assertThat(place.get(ValueLayout.JAVA_BYTE, i)).isEqualTo(UNTOUCHED);
            }
        }
    }

    private static boolean fills(Compression compression, MemorySegment stored, MemorySegment plain) {
        try {
            compression.decompress(stored, plain);
            return true;
        } catch (IntegrityFailure e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private static void storeAndReadAgain(Compression compression, MemorySegment plain, Arena arena)
            throws IntegrityFailure {
        MemorySegment stored = arena.allocate(Math.max(1, compression.compressBound((int) plain.byteSize())));
        int length = compression.compress(plain, stored.asSlice(0, compression.compressBound((int) plain.byteSize())));
        MemorySegment second = arena.allocate(Math.max(1, plain.byteSize())).asSlice(0, plain.byteSize());
        compression.decompress(stored.asSlice(0, length), second);
        assertThat(second.mismatch(plain)).isEqualTo(-1);
    }
}
