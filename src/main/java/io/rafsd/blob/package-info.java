/** The words about blobs: their ids, their facts, their chunks. */
@NullMarked
package io.rafsd.blob;

import org.jspecify.annotations.NullMarked;
