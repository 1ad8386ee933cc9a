package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Whatever the key, the tweak and the text: what is encrypted is decrypted to itself, and anything is decrypted or refused. */
class AesXtsFuzzTest {

    private static final int HEADER = AesXts.KEY_SIZE + AesXts.TWEAK_SIZE;
    private static final int LARGEST = 64 << 10;

    /** @param bytes key and tweak, then the text */
    @FuzzTest
    void anyTextComesBackAndAnyBytesAreDecryptedOrRefused(byte[] bytes) throws IntegrityFailure {
        if (bytes.length < HEADER || bytes.length > LARGEST) {
            return;
        }
        byte[] key = Arrays.copyOf(bytes, AesXts.KEY_SIZE);
        AesXts cipher = new AesXts(key, Arrays.copyOfRange(bytes, AesXts.KEY_SIZE, HEADER));
        byte[] text = Arrays.copyOfRange(bytes, HEADER, bytes.length);
        byte[] encrypted = new byte[AesXts.encryptedSize(text.length)];
        int size = cipher.encrypt(MemorySegment.ofArray(text), MemorySegment.ofArray(encrypted));
        assertThat(size).isEqualTo(encrypted.length);
        // Text of 18 bytes may be padded text itself, which nobody can tell from it.
        if (!(text.length == 18 && text[16] == 0x78)) {
            assertThat(decrypted(cipher, encrypted)).isEqualTo(text);
        }
        try {
            assertThat(decrypted(cipher, text)).hasSizeLessThanOrEqualTo(text.length);
        } catch (IntegrityFailure e) {
            assertThat(text).hasSizeBetween(1, 15);
        }
    }

    private static byte[] decrypted(AesXts cipher, byte[] encrypted) throws IntegrityFailure {
        byte[] plain = new byte[encrypted.length];
        return Arrays.copyOf(plain, cipher.decrypt(MemorySegment.ofArray(encrypted), MemorySegment.ofArray(plain)));
    }
}
