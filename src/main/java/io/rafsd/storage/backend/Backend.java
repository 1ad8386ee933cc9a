package io.rafsd.storage.backend;

import io.rafsd.blob.BlobId;

/** A place where the blobs of an image live. Safe for many threads; one per mounted image. */
public interface Backend extends AutoCloseable {

    /** A reader of the blob. Nothing is asked of the backend yet, so a missing blob shows at the first read. */
    BlobReader blob(BlobId id);

    @Override
    void close();
}
