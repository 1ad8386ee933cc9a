/** Answers filesystem operations from the metadata and the device of one image. */
@NullMarked
package io.rafsd.rafs.fs;

import org.jspecify.annotations.NullMarked;
