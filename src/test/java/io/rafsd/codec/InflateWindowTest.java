package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.IntegrityFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inflating from the middle. */
class InflateWindowTest {

    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);
    private final byte[] text = text();

    /** A block with a match into the dictionary, a stored one, which has to stay aligned to bytes, and one of literals. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aWindowMayBeginAtAnyBitOfAByte(int bits) throws Exception {
        for (int noise = 0; noise < 1 << Byte.SIZE - bits; noise++) {
            Bits stream = new Bits().put(bits == 0 ? 0 : noise, bits == 0 ? 0 : Byte.SIZE - bits);
            // Fixed codes: length 3, distance 4, end.
            stream.put(0, 1).put(1, 2).code(1, 7).code(3, 5).code(0, 7);
            stream.put(0, 1).put(0, 2).align().put(5, 16).put(~5 & 0xFFFF, 16);
            for (char c : "hello".toCharArray()) {
                stream.put(c, 8);
            }
            stream.put(1, 1).put(1, 2).code(0x30 + '!', 8).code(0, 7);
            byte[] bytes = stream.align().bytes.toByteArray();
            int start = bits == 0 ? 0 : 1;
            byte[] plain = new byte[9];
            new InflateWindow(bits, bits == 0 ? 0x55 : bytes[0] & 0xFF, segment("wxyz"))
                    .inflate(
                            MemorySegment.ofArray(Arrays.copyOfRange(bytes, start, bytes.length)),
                            MemorySegment.ofArray(plain));
            assertThat(plain).asString(StandardCharsets.US_ASCII).isEqualTo("wxyhello!");
        }
    }

    @Test
    void membersThatFollowOneAnotherAreOneText() throws Exception {
        byte[] first = Arrays.copyOf(text, 10_000);
        byte[] second = Arrays.copyOfRange(text, 10_000, 20_000);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(gzip(first, 0));
        file.writeBytes(gzip(second, 4 | 8 | 16 | 2));
        byte[] window = Arrays.copyOfRange(file.toByteArray(), 10, file.size());
        byte[] plain = new byte[20_000];
        new InflateWindow(0, 0, NOTHING).inflate(MemorySegment.ofArray(window), MemorySegment.ofArray(plain));
        assertThat(plain).isEqualTo(Arrays.copyOf(text, 20_000));
    }

    @Test
    void dataThatEndsTooEarlyIsNoEndlessLoop() throws Exception {
        byte[] window = gzip(text, 0);
        byte[] plain = new byte[text.length];
        for (int size : new int[] {0, 1, 100, window.length / 2}) {
            assertThatExceptionOfType(IntegrityFailure.class)
                    .isThrownBy(() -> new InflateWindow(0, 0, NOTHING)
                            .inflate(
                                    MemorySegment.ofArray(Arrays.copyOfRange(window, 10, 10 + size)),
                                    MemorySegment.ofArray(plain)))
                    .withMessageContaining("ends after");
        }
    }

    @Test
    void anyBytesGiveATextOrAFailure() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            InflateWindow window = new InflateWindow(random.nextInt(8), random.nextInt(256), NOTHING);
            try {
                window.inflate(MemorySegment.ofArray(bytes), MemorySegment.ofArray(new byte[random.nextInt(1000)]));
            } catch (IntegrityFailure expected) {
                assertThat(expected).as("seed %d", seed).hasMessageNotContaining("null");
            }
        }
    }

    private static byte[] text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < 40_000; i++) {
            text.append(i * 31 % 1009).append(i % 7 == 0 ? " and " : " ");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] gzip(byte[] plain, int flags) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        byte[] member = bytes.toByteArray();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        member[3] = (byte) flags;
        whole.write(member, 0, 10);
        if ((flags & 4) != 0) {
            whole.writeBytes(new byte[] {3, 0, 1, 2, 3});
        }
        if ((flags & 8) != 0) {
            whole.writeBytes("name\0".getBytes(StandardCharsets.US_ASCII));
        }
        if ((flags & 16) != 0) {
            whole.writeBytes(new byte[] {0});
        }
        if ((flags & 2) != 0) {
            whole.writeBytes(new byte[] {9, 9});
        }
        whole.write(member, 10, member.length - 10);
        return whole.toByteArray();
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Bits from the lowest of a byte on, as deflate has them. */
    private static final class Bits {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int current;
        private int count;

        Bits put(int value, int bits) {
            for (int i = 0; i < bits; i++) {
                current |= (value >>> i & 1) << count;
                if (++count == Byte.SIZE) {
                    align();
                }
            }
            return this;
        }

        /** A code is written from its highest bit on. */
        Bits code(int value, int bits) {
            return put(Integer.reverse(value) >>> Integer.SIZE - bits, bits);
        }

        Bits align() {
            if (count > 0) {
                bytes.write(current);
            }
            current = 0;
            count = 0;
            return this;
        }
    }
}
