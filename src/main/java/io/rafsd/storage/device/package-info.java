/** Reads a scatter list of chunk ranges across all blobs of an image. */
@NullMarked
package io.rafsd.storage.device;

import org.jspecify.annotations.NullMarked;
