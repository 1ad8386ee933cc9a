package io.rafsd.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.codec.AesXts;
import io.rafsd.codec.Compression;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was encrypted after it was compressed, or because that did not help as it is, becomes what it was. */
class EncodingTest {

    private static final AesXts CIPHER = new AesXts(new byte[AesXts.KEY_SIZE], new byte[AesXts.TWEAK_SIZE]);

    @ParameterizedTest
    @EnumSource(Compression.class)
    void encryptedChunksAreDecryptedAndThenDecompressed(Compression compression) throws IntegrityFailure {
        byte[] plain = new byte[10_000];
        new Random(1).nextBytes(plain);
        Arrays.fill(plain, 0, 5_000, (byte) 7);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment packed = arena.allocate(compression.compressBound(plain.length));
            int size = compression.compress(arena.allocateFrom(ValueLayout.JAVA_BYTE, plain), packed);
            assertThat(decode(packed.asSlice(0, size), plain.length, new Encoding.Compressed(compression)))
                    .isEqualTo(plain);
        }
    }

    /** A batch says by its two sizes whether it is compressed, and padding makes them differ. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17})
    void shortTextThatWasNotWorthCompressingIsNotDecompressed(int size) throws IntegrityFailure {
        byte[] plain = new byte[size];
        new Random(size).nextBytes(plain);
        assertThat(decode(MemorySegment.ofArray(plain), size, new Encoding.Compressed(Compression.ZSTD)))
                .isEqualTo(plain);
    }

    @Test
    void anotherLengthThanThePlainTextsIsAFailure() {
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> decode(MemorySegment.ofArray(new byte[20]), 21, new Encoding.Raw()));
    }

    private static byte[] decode(MemorySegment stored, int size, Encoding inner) throws IntegrityFailure {
        MemorySegment encrypted = MemorySegment.ofArray(new byte[AesXts.encryptedSize((int) stored.byteSize())]);
        CIPHER.encrypt(stored, encrypted);
        byte[] plain = new byte[size];
        new Encoding.Encrypted(CIPHER, inner).decode(encrypted, MemorySegment.ofArray(plain));
        return plain;
    }
}
