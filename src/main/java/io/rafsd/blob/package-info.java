/** The words about blobs: their ids, their facts, their chunks, the sections at their end. */
@NullMarked
package io.rafsd.blob;

import org.jspecify.annotations.NullMarked;
