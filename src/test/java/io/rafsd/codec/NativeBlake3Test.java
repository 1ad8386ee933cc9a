package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NativeBlake3Test {

    private static final long SEED = 20261125;

    private final Blake3Tree ours = new Blake3Tree(new ScalarKernel());

    @Test
    void libraryAgreesWithOursOnAndOffHeap() {
        @Nullable FastHashers found = NativeBlake3.find();
        assumeTrue(found != null, "skipped: this machine has no libblake3.so.0");
        Blake3Hasher library = found.hashers().take();
        byte[] noise = new byte[(2 << 20) + 100];
        Random random = new Random(SEED);
        random.nextBytes(noise);
        for (int i = 0; i < 3000; i++) {
            int size = i < 2050 ? i : random.nextInt(1 << (10 + i % 12));
            MemorySegment onHeap = MemorySegment.ofArray(noise).asSlice(i % 64, size);
            Digest expected = ours.digest(onHeap);
            assertThat(library.digest(onHeap))
                    .as("%d bytes on heap, seed %d", size, SEED)
                    .isEqualTo(expected);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment offHeap = arena.allocate(size).copyFrom(onHeap);
                assertThat(library.digest(offHeap))
                        .as("%d bytes, seed %d", size, SEED)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void whatIsNoLibraryOrNotThisOneIsPassedOver() {
        assertThat(NativeBlake3.load("libno-such-library.so.0")).isNull();
        assertThat(NativeBlake3.load("libc.so.6")).isNull();
    }

    @Test
    void oneWrongDigestIsNoticed() {
        Digest wrong = ours.digest(MemorySegment.ofArray(new byte[1]));
        Blake3Hasher planted = data -> data.byteSize() > 100_000 ? wrong : ours.digest(data);
        assertThat(NativeBlake3.agrees(ours, ours)).isTrue();
        assertThat(NativeBlake3.agrees(planted, ours)).isFalse();
    }

    @Test
    void switchKeepsTheLibraryOut() {
        @Nullable String before = System.getProperty(NativeBlake3.SWITCH);
        System.setProperty(NativeBlake3.SWITCH, "java");
        try {
            assertThat(NativeBlake3.find()).isNull();
        } finally {
            if (before == null) {
                System.clearProperty(NativeBlake3.SWITCH);
            } else {
                System.setProperty(NativeBlake3.SWITCH, before);
            }
        }
    }
}
