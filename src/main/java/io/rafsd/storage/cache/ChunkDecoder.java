package io.rafsd.storage.cache;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.MemorySegment;

/** Makes chunks of the bytes that the backend sent, and proves that they are those the image means. Pure; needs the CPU. */
final class ChunkDecoder {

    private ChunkDecoder() {}

    /**
     * Decodes all chunks that are stored together.
     *
     * @param stored as received, referred to by the caller still afterwards
     * @return the decoded unit, referred to once
     * @throws IntegrityFailure if it cannot be decoded
     */
    static ChunkBytes decode(BlobInfo blob, StoredUnit unit, ChunkBytes stored, BufferPool buffers)
            throws IntegrityFailure {
        if (unit.isRaw()) {
            return stored.retain();
        }
        ChunkBytes plain = buffers.take(unit.size());
        try {
            decode(blob, unit, stored.segment(), plain.segment());
            return plain;
        } catch (IntegrityFailure | RuntimeException e) {
            plain.release();
            throw e;
        }
    }

    /**
     * Decodes to memory that is there.
     *
     * @throws IntegrityFailure if it cannot be decoded
     */
    static void decode(BlobInfo blob, StoredUnit unit, MemorySegment stored, MemorySegment plain)
            throws IntegrityFailure {
        if (unit.isRaw()) {
            plain.copyFrom(stored);
            return;
        }
        try {
            unit.encoding().decode(stored, plain);
        } catch (IntegrityFailure e) {
            throw new IntegrityFailure(name(blob, unit, unit.firstChunk()) + e.getMessage(), e);
        }
    }

    /** @throws IntegrityFailure if the chunk has another digest than the image states */
    static void verify(BlobInfo blob, StoredUnit unit, int chunk, MemorySegment plain, Digest digest)
            throws IntegrityFailure {
        if (!blob.digester().digest(plain).equals(digest)) {
            throw new IntegrityFailure(name(blob, unit, chunk) + "its " + blob.digester() + " digest is not " + digest
                    + ", which the image states");
        }
    }

    private static String name(BlobInfo blob, StoredUnit unit, int chunk) {
        return "blob " + blob.id() + ", chunk " + chunk + ", " + unit.storedSize() + " bytes at " + unit.offset()
                + ": ";
    }
}
