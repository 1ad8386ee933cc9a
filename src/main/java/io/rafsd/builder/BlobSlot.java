package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A blob that chunks may lie in, before it is certain whether the image needs it, and where in its blob table. What the
 * image states of it is known from the start, or once the blob is written.
 */
final class BlobSlot {

    private static final int NOWHERE = -1;

    private @Nullable BlobInfo info;
    private int index = NOWHERE;

    /** @param info null while the blob is not written yet */
    BlobSlot(@Nullable BlobInfo info) {
        this.info = info;
    }

    boolean isListed() {
        return index != NOWHERE;
    }

    /** Position in the image's blob table. */
    int index() {
        if (index == NOWHERE) {
            throw new IllegalStateException("a blob that the image does not list is used");
        }
        return index;
    }

    void list(int position) {
        index = position;
    }

    void finish(BlobInfo written) {
        info = written;
    }

    /** As it is, wherever it lies in the blob table. */
    BlobInfo info() {
        return Objects.requireNonNull(info, "the blob is not written yet");
    }
}
