package io.rafsd.storage.cache;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Makes a chunk of the bytes that the backend sent, and proves that it is the one the image means. Pure; needs the CPU. */
final class ChunkDecoder {

    private ChunkDecoder() {}

    /**
     * Decodes and verifies.
     *
     * @param stored as received, referred to by the caller still afterwards
     * @param digest that the image states
     * @return the chunk, referred to once
     * @throws IntegrityFailure if it cannot be decompressed or has another digest
     */
    static ChunkBytes decode(
            BlobInfo blob, ChunkTable table, int chunk, ChunkBytes stored, @Nullable Digest digest, BufferPool buffers)
            throws IntegrityFailure {
        ChunkBytes plain =
                table.isCompressed(chunk) ? decompress(blob, table, chunk, stored, buffers) : stored.retain();
        if (digest != null && !blob.digester().digest(plain.segment()).equals(digest)) {
            plain.release();
            throw new IntegrityFailure("blob " + blob.id() + ", chunk " + chunk + ", " + table.compressedSize(chunk)
                    + " bytes at " + table.compressedOffset(chunk) + ": its " + blob.digester() + " digest is not "
                    + digest + ", which the image states");
        }
        return plain;
    }

    private static ChunkBytes decompress(
            BlobInfo blob, ChunkTable table, int chunk, ChunkBytes stored, BufferPool buffers) throws IntegrityFailure {
        ChunkBytes plain = buffers.take(table.uncompressedSize(chunk));
        MemorySegment target = plain.segment();
        try {
            blob.compressor().decompress(stored.segment(), target);
            return plain;
        } catch (IntegrityFailure e) {
            plain.release();
            throw new IntegrityFailure(
                    "blob " + blob.id() + ", chunk " + chunk + ", " + table.compressedSize(chunk) + " bytes at "
                            + table.compressedOffset(chunk) + ": " + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            plain.release();
            throw e;
        }
    }
}
