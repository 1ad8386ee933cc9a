package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidRequest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileStatus;
import io.rafsd.linux.RawPath;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Room for one piece, from the file to the blob: its bytes, the digests of its chunks, its chunks compressed. Used by one
 * thread at a time.
 */
final class PieceBuffer {

    /** In {@link #packedSizes}: the chunk is stored as it is, or not at all. */
    private static final int AS_IT_IS = -1;

    private final BuildOptions options;
    private final int packedStride;
    private final MemorySegment plain;
    private final MemorySegment packed;
    private final Digest[] digests;
    private final int[] packedSizes;
    private @Nullable Piece piece;

    PieceBuffer(Arena arena, BuildOptions options) {
        int size = Piece.size(options.chunkSize());
        int chunks = size / options.chunkSize();
        this.options = options;
        this.packedStride = options.compression().compressBound(options.chunkSize());
        this.plain = arena.allocate(size);
        this.packed = arena.allocate((long) chunks * packedStride);
        this.digests = new Digest[chunks];
        this.packedSizes = new int[chunks];
    }

    /** Bytes of memory that a buffer takes. */
    static long memory(BuildOptions options) {
        long size = Piece.size(options.chunkSize());
        return size + size / options.chunkSize() * options.compression().compressBound(options.chunkSize());
    }

    /** Reads a piece, digests its chunks and compresses those that the blob does not hold yet. */
    void load(RawPath path, Piece wanted, KnownChunks known) throws IOException {
        piece = wanted;
        read(path, wanted);
        for (int i = 0; i < chunks(); i++) {
            MemorySegment chunk = plain(i);
            digests[i] = options.digester().digest(chunk);
            packedSizes[i] = AS_IT_IS;
            if (known.index(digests[i], size(i)) == null) {
                int size = options.compression().compress(chunk, packed.asSlice((long) i * packedStride, packedStride));
                if (size < chunk.byteSize()) {
                    packedSizes[i] = size;
                }
            }
        }
    }

    Piece piece() {
        return Objects.requireNonNull(piece);
    }

    int chunks() {
        return (piece().length() + options.chunkSize() - 1) / options.chunkSize();
    }

    /** Uncompressed size of a chunk of the piece. */
    int size(int chunk) {
        return Math.min(options.chunkSize(), piece().length() - chunk * options.chunkSize());
    }

    Digest digest(int chunk) {
        return digests[chunk];
    }

    /** What the blob stores of a chunk that it does not hold yet. */
    MemorySegment stored(int chunk) {
        return packedSizes[chunk] == AS_IT_IS
                ? plain(chunk)
                : packed.asSlice((long) chunk * packedStride, packedSizes[chunk]);
    }

    private MemorySegment plain(int chunk) {
        return plain.asSlice((long) chunk * options.chunkSize(), size(chunk));
    }

    private void read(RawPath path, Piece wanted) throws IOException {
        // Not to hang if a pipe has taken the file's name since the scan.
        try (Fd fd = path.open(Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK)) {
            fd.preadFully(plain.asSlice(0, wanted.length()), wanted.offset());
            FileStatus before = wanted.file().status();
            FileStatus now = FileStatus.of(fd);
            if (now.size() != before.size()
                    || now.inode() != before.inode()
                    || now.modifiedSeconds() != before.modifiedSeconds()
                    || now.modifiedNanos() != before.modifiedNanos()) {
                throw changed(path, "changed", null);
            }
        } catch (EOFException e) {
            throw changed(path, "shrank", e);
        } catch (PosixError e) {
            throw e.errno() == Errno.ENOENT ? changed(path, "vanished", e) : e;
        }
    }

    private static InvalidRequest changed(RawPath path, String how, @Nullable Throwable cause) {
        return new InvalidRequest(
                path + " " + how + " while the image was built from it; build from a tree that nobody writes to",
                cause);
    }
}
