package io.rafsd.builder;

import io.rafsd.blob.BlobId;

/**
 * A layer that stays as it is and that an image refers to: its blob.
 *
 * @param id SHA-256 of the file, its name in a registry
 * @param size bytes of the file
 * @param compressed whether it is a tar.gz
 */
record ReferredLayer(BlobId id, long size, boolean compressed) {}
