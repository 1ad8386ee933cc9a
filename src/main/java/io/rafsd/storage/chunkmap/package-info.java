/** Which chunks are on local disk, surviving restarts. */
@NullMarked
package io.rafsd.storage.chunkmap;

import org.jspecify.annotations.NullMarked;
