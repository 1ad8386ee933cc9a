package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.InvalidRequest;
import java.util.ArrayList;
import java.util.List;

/** The blobs of an image in the order of its blob table. A blob is listed when the first chunk in it is used. */
final class BlobTable {

    /** A chunk index names a blob by its index plus one, in a byte; 255 is left to the reference builder's own limit. */
    private static final int MAX_BLOBS = 254;

    private final List<BlobSlot> slots = new ArrayList<>();

    /** Lists the blob unless it is listed already. */
    void list(BlobSlot blob) throws InvalidRequest {
        if (!blob.isListed()) {
            if (slots.size() == MAX_BLOBS) {
                throw new InvalidRequest("an image holds up to " + MAX_BLOBS
                        + " blobs, this would need more; merge fewer layers, or build without dictionary");
            }
            blob.list(slots.size());
            slots.add(blob);
        }
    }

    /** What the image states of its blobs, in order. */
    List<BlobInfo> infos() {
        List<BlobInfo> infos = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            infos.add(slots.get(i).info().at(i));
        }
        return infos;
    }
}
