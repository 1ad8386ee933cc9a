package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.Encoding;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/** A blob made from a seed: what the image says of it, what the origin stores, what a reader must see. */
final class TestBlob implements ChunkTable {

    private static final int PAGE = 4096;

    final BlobInfo info;
    final byte[][] plain;
    final byte[] stored;
    final Digest[] digests;
    private final long[] storedOffset;
    private final int[] storedSize;
    private final long[] plainOffset;
    private final int together;

    /** Chunks of {@code chunkSize} bytes but the last, which has one byte less. */
    static TestBlob of(long seed, int chunks, int chunkSize, Compression compression) {
        return new TestBlob(seed, chunks, chunkSize, compression, 1);
    }

    /**
     * As {@link #of}, but with so many chunks stored as one piece each time.
     *
     * @param together divides {@code chunks}
     */
    static TestBlob together(long seed, int chunks, int chunkSize, Compression compression, int together) {
        return new TestBlob(seed, chunks, chunkSize, compression, together);
    }

    private TestBlob(long seed, int chunks, int chunkSize, Compression compression, int together) {
        this.together = together;
        Random random = new Random(seed);
        plain = new byte[chunks][];
        digests = new Digest[chunks];
        storedOffset = new long[chunks];
        storedSize = new int[chunks];
        plainOffset = new long[chunks];
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long end = 0;
        for (int i = 0; i < chunks; i++) {
            plain[i] = new byte[i == chunks - 1 ? chunkSize - 1 : chunkSize];
            random.nextBytes(plain[i]);
            Arrays.fill(plain[i], 0, plain[i].length / 2, (byte) i);
            digests[i] = DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(plain[i]));
            plainOffset[i] = end;
            end += ((long) chunkSize + PAGE - 1) / PAGE * PAGE;
        }
        for (int first = 0; first < chunks; first += together) {
            ByteArrayOutputStream piece = new ByteArrayOutputStream();
            for (int i = first; i < first + together; i++) {
                piece.writeBytes(plain[i]);
            }
            byte[] packed = compress(compression, piece.toByteArray());
            Arrays.fill(storedOffset, first, first + together, out.size());
            Arrays.fill(storedSize, first, first + together, packed.length);
            out.writeBytes(packed);
        }
        stored = out.toByteArray();
        info = new BlobInfo(
                new BlobId("%064x".formatted(seed)),
                0,
                chunkSize,
                chunks,
                compression,
                DigestAlgorithm.SHA256,
                0,
                stored.length,
                end,
                new BlobInfo.ChunkTableLocation(Compression.NONE, stored.length, 0, 0),
                0,
                null);
    }

    private static byte[] compress(Compression compression, byte[] bytes) {
        if (compression == Compression.NONE) {
            return bytes;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment to = arena.allocate(compression.compressBound(bytes.length));
            int size = compression.compress(from, to);
            return to.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    ChunkDigests digests() {
        return chunk -> digests[chunk];
    }

    /** The uncompressed bytes of {@code length} from {@code offset} in the blob's address space. */
    byte[] bytes(int chunk, int offset, int length) {
        return Arrays.copyOfRange(plain[chunk], offset, offset + length);
    }

    @Override
    public int chunkCount() {
        return plain.length;
    }

    long compressedOffset(int chunk) {
        return storedOffset[chunk];
    }

    int compressedSize(int chunk) {
        return storedSize[chunk];
    }

    @Override
    public long uncompressedOffset(int chunk) {
        return plainOffset[chunk];
    }

    @Override
    public int uncompressedSize(int chunk) {
        return plain[chunk].length;
    }

    @Override
    public StoredUnit unit(int chunk) {
        Encoding encoding =
                info.compressor() == Compression.NONE ? new Encoding.Raw() : new Encoding.Compressed(info.compressor());
        int first = chunk - chunk % together;
        int last = first + together - 1;
        return new StoredUnit(
                first, last, storedOffset[chunk], storedSize[chunk], offsetInUnit(last) + plain[last].length, encoding);
    }

    @Override
    public int offsetInUnit(int chunk) {
        return chunk % together * plain[0].length;
    }
}
