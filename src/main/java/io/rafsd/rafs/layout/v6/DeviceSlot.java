package io.rafsd.rafs.layout.v6;

import static io.rafsd.rafs.layout.Fields.U32;

import io.rafsd.blob.PaddedText;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * One extra device of the EROFS image, which is one blob: 128 bytes, in a table from 1408 on.
 *
 * @param blobId its id, as in the blob table
 * @param blocks of its uncompressed address space
 * @param mappedBlock its block address in the flat single-disk form
 */
public record DeviceSlot(String blobId, long blocks, long mappedBlock) {

    public static final long OFFSET = 1408;
    public static final long SIZE = 128;
    private static final long ID_SIZE = 64;

    public static DeviceSlot at(MemorySegment image, int index) throws InvalidImage {
        MemorySegment s = Fields.slice(image, OFFSET + index * SIZE, SIZE, "device slot " + index);
        return new DeviceSlot(
                PaddedText.of(s.asSlice(0, ID_SIZE)), Fields.unsigned(s.get(U32, 64)), Fields.unsigned(s.get(U32, 68)));
    }

    /** Writes it as slot {@code index} of {@code image}, whose bytes there are zero. */
    public void encode(MemorySegment image, int index) {
        MemorySegment s = image.asSlice(OFFSET + index * SIZE, SIZE);
        s.copyFrom(MemorySegment.ofArray(blobId.getBytes(StandardCharsets.ISO_8859_1)));
        s.set(U32, 64, (int) blocks);
        s.set(U32, 68, (int) mappedBlock);
    }
}
