package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AesXtsTest {

    private static final HexFormat HEX = HexFormat.of();

    /** IEEE 1619-2007, annex B: vectors 2, 3, 15 and 16 to 18. */
    @ParameterizedTest
    @CsvSource({
        "1111111111111111111111111111111122222222222222222222222222222222, 33333333330000000000000000000000,"
                + "4444444444444444444444444444444444444444444444444444444444444444,"
                + "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f022222222222222222222222222222222, 33333333330000000000000000000000,"
                + "4444444444444444444444444444444444444444444444444444444444444444,"
                + "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0, 9a785634120000000000000000000000,"
                + "000102030405060708090a0b0c0d0e0f10, 6c1625db4671522d3d7599601de7ca09ed",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0, 9a785634120000000000000000000000,"
                + "000102030405060708090a0b0c0d0e0f1011, d069444b7a7e0cab09e24447d24deb1fedbf",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0, 9a785634120000000000000000000000,"
                + "000102030405060708090a0b0c0d0e0f101112, e5df1351c0544ba1350b3363cd8ef4beedbf9d",
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0, 9a785634120000000000000000000000,"
                + "000102030405060708090a0b0c0d0e0f10111213, 9d84c813f719aa2c7be3f66171c7c5c2edbf9dac"
    })
    void theVectorsOfTheStandardHold(String key, String tweak, String plain, String encrypted) throws Exception {
        AesXts cipher = new AesXts(HEX.parseHex(key), HEX.parseHex(tweak));
        assertThat(HEX.formatHex(encrypt(cipher, HEX.parseHex(plain)))).isEqualTo(encrypted);
        assertThat(HEX.formatHex(decrypt(cipher, HEX.parseHex(encrypted)))).isEqualTo(plain);
    }

    /** RAFS format, section 3.8: also of texts shorter than a block. */
    @ParameterizedTest
    @CsvSource({
        "1, 1df853e84717cce491f7bcb79c9edfb42ed2",
        "0123456789abcdef, e4fe96eae886a997ec9766145a6c49a5",
        "11111111111111111, 67a2d8fcc3beed670bb626feab5a03f295"
    })
    void theVectorsOfRafsHold(String plain, String encrypted) throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 0x0C);
        key[31] = 0x0A;
        AesXts cipher = new AesXts(key, new byte[16]);
        byte[] text = plain.getBytes(StandardCharsets.US_ASCII);
        assertThat(HEX.formatHex(encrypt(cipher, text))).isEqualTo(encrypted);
        assertThat(decrypt(cipher, HEX.parseHex(encrypted))).isEqualTo(text);
    }

    @Test
    void anyLengthIsDecryptedToWhatWasEncrypted() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] key = new byte[32];
        random.nextBytes(key);
        AesXts cipher = new AesXts(key, new byte[16]);
        for (int size : new int[] {0, 1, 15, 16, 17, 18, 31, 32, 33, 16383, 16384, 16385, 16400, 40_001, 1 << 20}) {
            byte[] text = new byte[size];
            random.nextBytes(text);
            byte[] encrypted = encrypt(cipher, text);
            assertThat(encrypted).as("%d bytes, seed %d", size, seed).hasSize(AesXts.encryptedSize(size));
            assertThat(decrypt(cipher, encrypted))
                    .as("%d bytes, seed %d", size, seed)
                    .isEqualTo(text);
        }
    }

    @Test
    void whatIsTooShortToBeEncryptedIsRefused() {
        AesXts cipher = new AesXts(new byte[32], new byte[16]);
        assertThatExceptionOfType(IntegrityFailure.class)
                .isThrownBy(() -> decrypt(cipher, new byte[15]))
                .withMessageContaining("15 bytes");
    }

    @Test
    void itsTextDoesNotShowTheKey() {
        byte[] key = HEX.parseHex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0");
        assertThat(new AesXts(key, new byte[16])).hasToString("AES-128-XTS");
    }

    private static byte[] encrypt(AesXts cipher, byte[] plain) {
        byte[] encrypted = new byte[AesXts.encryptedSize(plain.length)];
        cipher.encrypt(MemorySegment.ofArray(plain), MemorySegment.ofArray(encrypted));
        return encrypted;
    }

    private static byte[] decrypt(AesXts cipher, byte[] encrypted) throws IntegrityFailure {
        byte[] plain = new byte[encrypted.length];
        int size = cipher.decrypt(MemorySegment.ofArray(encrypted), MemorySegment.ofArray(plain));
        return Arrays.copyOf(plain, size);
    }
}
