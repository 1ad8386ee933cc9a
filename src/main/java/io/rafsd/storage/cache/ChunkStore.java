package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of one blob on local disk, and which of them are believed: those that this process verified, by hashing what it
 * fetched or by checking what it found. Blocks on the disk only. Safe for many threads.
 */
interface ChunkStore extends AutoCloseable {

    /** Whether all these chunks are there and believed. Lock-free. */
    boolean areVerified(int firstChunk, int lastChunk);

    /**
     * Reads bytes of believed chunks in one piece. Allocates nothing.
     *
     * @param offset in the uncompressed blob
     * @return false if a chunk is not believed (any more) or the file cannot be read
     */
    boolean read(int firstChunk, int lastChunk, long offset, MemorySegment destination);

    /** Whether the chunk map says that the chunk is there, believed or not. */
    boolean isReady(int chunk);

    /**
     * Reads a whole chunk that is ready and checks whether it may be believed; if so, it is from now on, else it counts as
     * absent.
     *
     * @param offset in the uncompressed blob
     * @param bytes receives the chunk
     * @param digest that the image states
     */
    Found check(int chunk, long offset, MemorySegment bytes, DigestAlgorithm algorithm, @Nullable Digest digest);

    /** Forgets a chunk whose bytes cannot be read. */
    void forget(int chunk);

    /**
     * Keeps verified chunks.
     *
     * @throws IOException if they could not be kept; they are absent then
     */
    void store(StoredRun run) throws IOException;

    int readyCount();

    int verifiedCount();

    /** Bytes taken on disk. */
    long diskBytes();

    /** Lets writes end that have begun, makes all durable, and closes. Nothing is found or kept afterwards. */
    @Override
    void close();

    /** What a check found. */
    enum Found {
        /** The right bytes; by our record. */
        RECORDED,
        /** The right bytes; by the image's digest. */
        DIGESTED,
        /** Other bytes than the chunk's. */
        CORRUPT,
        /** Nothing that could be believed. */
        ABSENT
    }
}
