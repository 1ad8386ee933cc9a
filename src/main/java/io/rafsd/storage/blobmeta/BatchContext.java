package io.rafsd.storage.blobmeta;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One batch: small chunks that were compressed together (RAFS format, section 3.7). 40 bytes, all but the first 8 zero, in
 * a table behind the entries of the chunks. Where it lies its chunks say.
 *
 * @param storedSize bytes as stored, the same as {@code size} if it is not compressed
 * @param size bytes of all its chunks
 */
public record BatchContext(int storedSize, int size) {

    public static final long SIZE = 40;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static BatchContext at(MemorySegment table, int index) {
        return new BatchContext(table.get(U32, index * SIZE), table.get(U32, index * SIZE + 4));
    }

    /** Writes it as entry {@code index} of {@code table}, whose bytes there are zero. */
    public void encode(MemorySegment table, int index) {
        table.set(U32, index * SIZE, storedSize);
        table.set(U32, index * SIZE + 4, size);
    }
}
