package io.rafsd.builder;

import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import java.util.List;

/**
 * How an image is built. The number of threads never changes a byte of it.
 *
 * @param compression of chunks and chunk table
 * @param digester of chunks
 * @param chunkSize bytes, a power of two from 4 KiB to 16 MiB
 * @param threads that read, digest and compress
 * @param prefetch absolute paths in the image, most urgent first: their files lie at the start of the blob, and the image
 *     lists them so that a mount can fetch them ahead
 */
public record BuildOptions(
        Compression compression, DigestAlgorithm digester, int chunkSize, int threads, List<String> prefetch) {

    private static final int MIN_CHUNK = 1 << 12;
    private static final int MAX_CHUNK = 1 << 24;
    private static final int DEFAULT_CHUNK = 1 << 20;

    public BuildOptions {
        if (Integer.bitCount(chunkSize) != 1 || chunkSize < MIN_CHUNK || chunkSize > MAX_CHUNK) {
            throw new IllegalArgumentException(
                    "chunk size " + chunkSize + " is no power of two from " + MIN_CHUNK + " to " + MAX_CHUNK);
        }
        if (compression == Compression.GZIP) {
            throw new IllegalArgumentException("gzip chunks can be read, not built; choose zstd, lz4_block or none");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("at least 1 thread is needed, not " + threads);
        }
        prefetch = List.copyOf(prefetch);
    }

    /** zstd, BLAKE3, chunks of 1 MiB, a thread for each processor, nothing to prefetch: what the field uses. */
    public static BuildOptions defaults() {
        return new BuildOptions(
                Compression.ZSTD,
                DigestAlgorithm.BLAKE3,
                DEFAULT_CHUNK,
                Runtime.getRuntime().availableProcessors(),
                List.of());
    }

    public BuildOptions withCompression(Compression changed) {
        return new BuildOptions(changed, digester, chunkSize, threads, prefetch);
    }

    public BuildOptions withDigester(DigestAlgorithm changed) {
        return new BuildOptions(compression, changed, chunkSize, threads, prefetch);
    }

    public BuildOptions withChunkSize(int changed) {
        return new BuildOptions(compression, digester, changed, threads, prefetch);
    }

    public BuildOptions withThreads(int changed) {
        return new BuildOptions(compression, digester, chunkSize, changed, prefetch);
    }

    public BuildOptions withPrefetch(List<String> changed) {
        return new BuildOptions(compression, digester, chunkSize, threads, changed);
    }
}
