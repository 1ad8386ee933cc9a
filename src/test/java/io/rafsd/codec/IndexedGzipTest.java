package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rafsd.error.IntegrityFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** Inflating with places to begin anew. */
class IndexedGzipTest {

    private static final int[] LEVELS = {0, 1, 6, 9};
    private static final int[] STRATEGIES = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void contentIsWhatWasCompressedHoweverItIsAskedFor() throws IOException {
        for (int level : LEVELS) {
            for (int strategy : STRATEGIES) {
                byte[] plain = content(700_000);
                byte[] file = members(plain, level, strategy, 1 + random.nextInt(4));
                IndexedGzip gzip = new IndexedGzip(new ByteArrayInputStream(file));
                byte[] found = new byte[plain.length + 1];
                int done = 0;
                for (int n = 0; n >= 0; done += Math.max(0, n)) {
                    n = gzip.read(found, done, Math.min(found.length - done, 1 + random.nextInt(90_000)));
                }
                assertThat(done).as("seed %d", seed).isEqualTo(plain.length);
                assertThat(Arrays.copyOf(found, done)).as("seed %d", seed).isEqualTo(plain);
                assertThat(gzip.position()).as("seed %d", seed).isEqualTo(file.length);
            }
        }
    }

    @Test
    void everyPlaceToBeginInflatesToTheContentThatFollowsIt() throws IOException {
        Set<Integer> bits = new LinkedHashSet<>();
        for (int level : LEVELS) {
            byte[] plain = content(9_000_000);
            byte[] file = members(plain, level, Deflater.DEFAULT_STRATEGY, 3);
            IndexedGzip gzip = new IndexedGzip(new ByteArrayInputStream(file));
            byte[] piece = new byte[50_000];
            for (int at = 0, n = 0; n >= 0; at += Math.max(0, n)) {
                n = gzip.read(piece, 0, 1 + random.nextInt(piece.length));
                IndexedGzip.Checkpoint from = gzip.checkpoint();
                bits.add(from.window().bits());
                byte[] again = new byte[(int) (at + Math.max(0, n) - from.contentOffset())];
                byte[] stored = Arrays.copyOfRange(file, (int) from.offset(), (int) gzip.position());
                from.window().inflate(MemorySegment.ofArray(stored), MemorySegment.ofArray(again));
                assertThat(Arrays.equals(
                                again,
                                0,
                                again.length,
                                plain,
                                (int) from.contentOffset(),
                                (int) from.contentOffset() + again.length))
                        .as("seed %d, level %d, window at %d", seed, level, from.offset())
                        .isTrue();
            }
        }
        assertThat(bits).as("seed %d: places within a byte", seed).hasSizeGreaterThan(2);
    }

    @Test
    void aChangedByteIsNeverContent() throws IOException {
        byte[] plain = content(60_000);
        byte[] file = members(plain, 6, Deflater.DEFAULT_STRATEGY, 2);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = file.clone();
            damaged[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] found = new byte[plain.length];
            try {
                IndexedGzip gzip = new IndexedGzip(new ByteArrayInputStream(damaged));
                int n = gzip.read(found, 0, found.length);
                // Content is proved by the checksum at its member's end. A header's time or name may change without
                // harm.
                if (n == plain.length && !gzip.lookAhead()) {
                    assertThat(Arrays.equals(found, plain)).as("seed %d", seed).isTrue();
                }
            } catch (IntegrityFailure e) {
                assertThat(e).hasMessageContaining("gzip data");
            }
        }
    }

    @Test
    void aFileThatEndsTooSoonIsRefused() throws IOException {
        byte[] file = members(content(10_000), 6, Deflater.DEFAULT_STRATEGY, 1);
        for (int length = 1; length < file.length; length += 1 + random.nextInt(50)) {
            IndexedGzip gzip = new IndexedGzip(new ByteArrayInputStream(file, 0, length));
            assertThatExceptionOfType(IntegrityFailure.class)
                    .as("seed %d, %d bytes", seed, length)
                    .isThrownBy(() -> gzip.read(new byte[20_000], 0, 20_000));
        }
    }

    @Test
    void whatFollowsTheLastMemberIsNoContent() throws IOException {
        byte[] plain = content(1000);
        byte[] file = members(plain, 6, Deflater.DEFAULT_STRATEGY, 1);
        IndexedGzip gzip = new IndexedGzip(new ByteArrayInputStream(Arrays.copyOf(file, file.length + 512)));
        assertThat(gzip.read(new byte[2000], 0, 2000)).isEqualTo(plain.length);
        assertThat(gzip.lookAhead()).isFalse();
    }

    /** Runs that compress well among bytes that do not, with what came long before now and then. */
    private byte[] content(int size) {
        byte[] bytes = new byte[size];
        for (int at = 0; at < size; ) {
            int n = Math.min(size - at, 1 + random.nextInt(40_000));
            switch (random.nextInt(4)) {
                case 0 -> Arrays.fill(bytes, at, at + n, (byte) random.nextInt());
                case 1 -> System.arraycopy(bytes, Math.max(0, at - n), bytes, at, Math.min(n, at));
                default -> {
                    int letters = 1 + random.nextInt(256);
                    for (int i = at; i < at + n; i++) {
                        bytes[i] = (byte) random.nextInt(letters);
                    }
                }
            }
            at += n;
        }
        return bytes;
    }

    /** A gzip file of so many members, whose headers have all that headers may have. */
    private byte[] members(byte[] plain, int level, int strategy, int count) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) plain.length * i / count);
            int to = (int) ((long) plain.length * (i + 1) / count);
            int flags = random.nextInt(32) & ~1;
            file.write(new byte[] {0x1F, (byte) 0x8B, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
            if ((flags & 4) != 0) {
                file.write(new byte[] {3, 0, 7, 0, 7});
            }
            if ((flags & 8) != 0) {
                file.write(new byte[] {'n', 'a', 0});
            }
            if ((flags & 16) != 0) {
                file.write(new byte[] {'c', 0});
            }
            if ((flags & 2) != 0) {
                file.write(new byte[] {5, 6});
            }
            deflate(Arrays.copyOfRange(plain, from, to), level, strategy, file);
        }
        return file.toByteArray();
    }

    private static void deflate(byte[] plain, int level, int strategy, ByteArrayOutputStream file) {
        Deflater deflater = new Deflater(level, true);
        try {
            deflater.setStrategy(strategy);
            deflater.setInput(plain);
            deflater.finish();
            byte[] room = new byte[1 << 16];
            while (!deflater.finished()) {
                file.write(room, 0, deflater.deflate(room));
            }
        } finally {
            deflater.end();
        }
        CRC32 crc = new CRC32();
        crc.update(plain);
        for (long word : new long[] {crc.getValue(), plain.length}) {
            for (int i = 0; i < 4; i++) {
                file.write((int) (word >>> 8 * i));
            }
        }
    }
}
