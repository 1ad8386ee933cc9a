package io.rafsd.builder;

import io.rafsd.codec.IndexedGzip;
import org.jspecify.annotations.Nullable;

/**
 * Where a chunk lies in a layer that stays as it is.
 *
 * @param window that it is inflated from the start of; null if the layer is not compressed
 * @param offset in the layer, of the first byte that the chunk is decoded from
 * @param end in the layer, of the last such byte
 * @param contentOffset in what the layer decodes to
 * @param reach in the layer, of what has to be decoded so that the chunk is whole
 * @param contentReach in what the layer decodes to: where decoding so far ends
 */
record LayerPlace(
        IndexedGzip.@Nullable Checkpoint window,
        long offset,
        long end,
        long contentOffset,
        long reach,
        long contentReach) {

    int storedSize() {
        return (int) (end - offset);
    }
}
