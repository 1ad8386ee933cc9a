package io.rafsd.storage.cache;

import io.rafsd.blob.ChunkTable;

/** Whether two bootstraps that list the chunks of one blob mean the same blob, so that they may share its cache file. */
final class TableAgreement {

    private TableAgreement() {}

    static boolean agree(ChunkTableSource one, ChunkTableSource another) {
        return switch (one) {
            case ChunkTableSource.Blob _ -> another instanceof ChunkTableSource.Blob;
            case ChunkTableSource.Bootstrap(ChunkTable a) ->
                another instanceof ChunkTableSource.Bootstrap(ChunkTable b) && agree(a, b);
        };
    }

    /**
     * A chunk in both lies at the same place, and no chunk of one lies where another one of the other does: that would be
     * served from bytes which were verified as something else.
     */
    private static boolean agree(ChunkTable one, ChunkTable another) {
        long end = 0;
        for (int chunk = 0; chunk < Math.min(one.chunkCount(), another.chunkCount()); chunk++) {
            boolean inOne = one.uncompressedSize(chunk) > 0;
            boolean inAnother = another.uncompressedSize(chunk) > 0;
            ChunkTable table = inOne ? one : another;
            if (inOne
                    && inAnother
                    && (one.uncompressedOffset(chunk) != another.uncompressedOffset(chunk)
                            || one.uncompressedSize(chunk) != another.uncompressedSize(chunk))) {
                return false;
            }
            if (inOne || inAnother) {
                if (table.uncompressedOffset(chunk) < end) {
                    return false;
                }
                end = table.uncompressedOffset(chunk) + table.uncompressedSize(chunk);
            }
        }
        return true;
    }
}
