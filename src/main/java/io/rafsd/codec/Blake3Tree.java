package io.rafsd.codec;

import java.lang.foreign.MemorySegment;

/**
 * Hashes one input after the other with one kernel. Chunks of 1 KiB give chaining values, which are paired level by level;
 * an odd one is carried up, and the last pair is the root. That is the tree of the specification without recursion. For one
 * thread at a time.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs">BLAKE3 specification, sections 2.1 and 2.4 to 2.6</a>
 */
final class Blake3Tree implements Blake3Hasher {

    private static final int CV = Blake3Block.CHAINING_WORDS;
    /** Inputs up to 4 MiB share one array of values; a rare larger one does not keep its memory for ever. */
    private static final int KEPT_CHUNKS = 4096;

    private final Blake3Kernel kernel;
    private final ScalarKernel scalar = new ScalarKernel();
    private int[] kept = new int[CV];

    Blake3Tree(Blake3Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public Digest digest(MemorySegment data) {
        int full = Math.toIntExact(data.byteSize() / ScalarKernel.CHUNK);
        boolean partial = data.byteSize() % ScalarKernel.CHUNK != 0;
        int chunks = full + (partial ? 1 : 0);
        int[] values = values(Math.max(1, chunks));
        if (chunks <= 1) {
            scalar.chunk(data, 0, Blake3Block.ROOT, values);
            return digest(values);
        }
        kernel.chunks(data, 0, full, values);
        if (partial) {
            scalar.chunk(data, full, 0, values);
        }
        reduce(values, chunks);
        return digest(values);
    }

    /** Pairs chaining values until one is left, the first. */
    private void reduce(int[] values, int count) {
        int level = count;
        while (level > 2) {
            int pairs = level / 2;
            kernel.parents(values, pairs);
            if ((level & 1) == 1) {
                System.arraycopy(values, (level - 1) * CV, values, pairs * CV, CV);
            }
            level = pairs + (level & 1);
        }
        scalar.parent(values, 0, Blake3Block.ROOT);
    }

    private int[] values(int chunks) {
        if (chunks > KEPT_CHUNKS) {
            return new int[Math.multiplyExact(chunks, CV)];
        }
        if (kept.length < chunks * CV) {
            kept = new int[chunks * CV];
        }
        return kept;
    }

    private static Digest digest(int[] root) {
        return new Digest(
                pair(root[0], root[1]), pair(root[2], root[3]), pair(root[4], root[5]), pair(root[6], root[7]));
    }

    /** Two little-endian words as one big-endian long. */
    private static long pair(int first, int second) {
        return ((long) Integer.reverseBytes(first) << 32) | (Integer.reverseBytes(second) & 0xFFFF_FFFFL);
    }
}
