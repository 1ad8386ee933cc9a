/** Blobs from files in a directory. */
@NullMarked
package io.rafsd.storage.backend.localfs;

import org.jspecify.annotations.NullMarked;
