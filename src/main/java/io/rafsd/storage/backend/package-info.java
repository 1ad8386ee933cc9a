/** Where blobs live: reads ranges of a blob at its origin. */
@NullMarked
package io.rafsd.storage.backend;

import org.jspecify.annotations.NullMarked;
