package io.rafsd.rafs.layout.v5;

import static io.rafsd.rafs.layout.Fields.U32;
import static io.rafsd.rafs.layout.Fields.U8;

import io.rafsd.blob.PaddedText;
import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.layout.Fields;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One blob in the blob table, which has entries of any length: {@code u32 prefetch offset, u32 prefetch size, id}, with a
 * NUL between two entries and zero padding to 8 behind the last. The extended blob table says more of the same blobs.
 *
 * @param prefetchOffset of what is to be fetched in advance, bytes in the blob
 * @param prefetchSize its bytes
 * @param id of the blob
 */
public record BlobEntry(long prefetchOffset, long prefetchSize, String id) {

    private static final int HEAD = 8;
    private static final int MAX_ID = 64;

    /**
     * Reads all entries of a table.
     *
     * @param table its bytes, padding included
     * @throws InvalidImage if an id is longer than 64 bytes
     */
    public static List<BlobEntry> decode(MemorySegment table) throws InvalidImage {
        List<BlobEntry> blobs = new ArrayList<>();
        long at = 0;
        while (table.byteSize() - at > HEAD) {
            MemorySegment rest = table.asSlice(at + HEAD, Math.min(MAX_ID + 1L, table.byteSize() - at - HEAD));
            String id = PaddedText.of(rest);
            if (id.length() > MAX_ID) {
                throw new InvalidImage(
                        "blob table, entry " + blobs.size() + " at " + at + ": its id is longer than " + MAX_ID);
            }
            blobs.add(new BlobEntry(Fields.unsigned(table.get(U32, at)), Fields.unsigned(table.get(U32, at + 4)), id));
            at += HEAD + id.length() + 1;
        }
        return blobs;
    }

    /** Bytes of the table that holds these, padding included; 0 for none. */
    public static long size(List<BlobEntry> blobs) {
        long size = Math.max(0, blobs.size() - 1);
        for (BlobEntry blob : blobs) {
            size += HEAD + blob.id.length();
        }
        return Fields.roundUp(size, 8);
    }

    /** Writes a table to {@code table}, which has {@link #size} zero bytes. */
    public static void encode(MemorySegment table, List<BlobEntry> blobs) {
        long at = 0;
        for (BlobEntry blob : blobs) {
            byte[] id = blob.id.getBytes(StandardCharsets.ISO_8859_1);
            table.set(U32, at, (int) blob.prefetchOffset);
            table.set(U32, at + 4, (int) blob.prefetchSize);
            MemorySegment.copy(id, 0, table, U8, at + HEAD, id.length);
            at += HEAD + id.length + 1;
        }
    }
}
