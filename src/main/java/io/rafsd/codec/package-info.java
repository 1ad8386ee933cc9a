/** Compress, decompress, digest, checksum: pure functions over segments. */
@NullMarked
package io.rafsd.codec;

import org.jspecify.annotations.NullMarked;
