package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U64;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;

/**
 * What the extended blob table says of one blob: 64 bytes, in the order of the blob table.
 *
 * @param chunkCount chunks in the blob; 0 in old images, whose chunks are not numbered
 * @param features bits of {@link io.rafsd.blob.BlobFeatures}
 * @param uncompressedSize bytes of its uncompressed address space
 * @param compressedSize bytes of the blob as stored
 */
public record ExtendedBlobEntry(long chunkCount, int features, long uncompressedSize, long compressedSize) {

    public static final long SIZE = 64;

    public static ExtendedBlobEntry at(MemorySegment image, long offset) throws InvalidImage {
        MemorySegment s = Fields.slice(image, offset, SIZE, "extended blob table entry");
        return new ExtendedBlobEntry(Fields.unsigned(s.get(U32, 0)), s.get(U32, 4), s.get(U64, 8), s.get(U64, 16));
    }

    /** Writes it at {@code offset} of {@code image}, whose bytes there are zero. */
    public void encode(MemorySegment image, long offset) {
        image.set(U32, offset, (int) chunkCount);
        image.set(U32, offset + 4, features);
        image.set(U64, offset + 8, uncompressedSize);
        image.set(U64, offset + 16, compressedSize);
    }
}
