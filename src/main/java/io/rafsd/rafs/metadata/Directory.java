package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.rafs.layout.v6.Dirents;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The entries of a directory, sorted by the bytes of their names over all its blocks. That they are is what
 * {@link DirectoryRules} checks; where they are not, a search ends as soon and finds nothing or another entry.
 *
 * @param data that holds them
 */
record Directory(FlatData data) {

    /** A cookie has the index in the block here, and the block's number above. */
    private static final int INDEX_BITS = 12;

    /** The node number of an entry, or {@link RafsMetadata#ABSENT}. */
    long child(MemorySegment name) throws InvalidImage {
        long low = 0;
        long high = data.blocks() - 1;
        // The last block whose first name is not behind the wanted one holds it, if any does.
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            if (block(middle).compare(name, 0) < 0) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        return low > high ? RafsMetadata.ABSENT : childIn(block(low), name);
    }

    private static long childIn(Dirents block, MemorySegment name) throws InvalidImage {
        int first = 0;
        int last = block.count() - 1;
        while (first <= last) {
            int middle = (first + last) >>> 1;
            int order = block.compare(name, middle);
            if (order == 0) {
                return block.nid(middle);
            } else if (order < 0) {
                last = middle - 1;
            } else {
                first = middle + 1;
            }
        }
        return RafsMetadata.ABSENT;
    }

    /** See {@link io.rafsd.filesystem.FileSystem#readDirectory}. */
    void list(long cookie, DirectorySink sink) throws IOException {
        long blocks = data.blocks();
        int index = (int) (cookie & ((1 << INDEX_BITS) - 1));
        for (long number = cookie >>> INDEX_BITS; number < blocks; number++) {
            Dirents block = block(number);
            for (; index < block.count(); index++) {
                long next = index + 1 < block.count() ? number << INDEX_BITS | (index + 1) : (number + 1) << INDEX_BITS;
                if (!sink.entry(block.name(index), block.nid(index), block.type(index), next)) {
                    return;
                }
            }
            index = 0;
        }
    }

    Dirents block(long number) throws InvalidImage {
        return Dirents.of(data.block(number));
    }
}
