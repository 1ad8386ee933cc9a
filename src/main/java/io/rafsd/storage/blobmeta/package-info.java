/** A blob's own chunk table: on-disk layout, loading, look-up. */
@NullMarked
package io.rafsd.storage.blobmeta;

import org.jspecify.annotations.NullMarked;
