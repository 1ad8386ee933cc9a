package io.rafsd.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Both kernels give the same digest for every input; {@link Blake3Test} holds the published ones. */
class Blake3KernelTest {

    private static final long SEED = 20261124;
    private static final int LARGEST = 3 << 20;

    private final Blake3Tree scalar = new Blake3Tree(new ScalarKernel());
    private final Blake3Tree lanes = new Blake3Tree(new LaneKernel(LaneRounds.define()));
    private final byte[] noise = new byte[LARGEST + 64];

    Blake3KernelTest() {
        new Random(SEED).nextBytes(noise);
    }

    @Test
    void kernelsAgreeOnEverySmallSize() {
        for (int size = 0; size <= 5000; size++) {
            agree(size, size & 7);
        }
    }

    @Test
    void kernelsAgreeOnEveryNumberOfLanesOfChunksAndParents() {
        int most = LaneRows.LANES;
        IntStream.concat(IntStream.rangeClosed(1, 80), IntStream.rangeClosed(most - 3, most + 20))
                .forEach(chunks -> {
                    agree(chunks * 1024, 0);
                    agree(chunks * 1024 + 1, 3);
                });
    }

    @Test
    void kernelsAgreeOnLargeInputsAtAnyAlignment() {
        Random random = new Random(SEED);
        for (int i = 0; i < 24; i++) {
            agree(random.nextInt(LARGEST), random.nextInt(64));
        }
        agree(LARGEST, 1);
    }

    @Test
    void hugeInputLeavesTheNextDigestAlone() {
        Digest before = lanes.digest(MemorySegment.ofArray(noise));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment zeros = arena.allocate((5L << 20) + 7);
            assertThat(lanes.digest(zeros)).isEqualTo(scalar.digest(zeros));
        }
        assertThat(lanes.digest(MemorySegment.ofArray(noise))).isEqualTo(before);
    }

    private void agree(int size, int offset) {
        MemorySegment onHeap = MemorySegment.ofArray(noise).asSlice(offset, size);
        Digest expected = scalar.digest(onHeap);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offHeap = arena.allocate(size + 64L).asSlice(offset, size);
            offHeap.copyFrom(onHeap);
            assertThat(lanes.digest(offHeap))
                    .as("%d bytes off heap at %d, seed %d", size, offset, SEED)
                    .isEqualTo(expected);
        }
        assertThat(lanes.digest(onHeap))
                .as("%d bytes on heap at %d, seed %d", size, offset, SEED)
                .isEqualTo(expected);
    }
}
