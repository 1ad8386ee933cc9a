/**
 * Lets the kernel's EROFS read an image: its metadata from a private copy on disk, its blobs from files that we serve and
 * fill as they are read.
 */
@NullMarked
package io.rafsd.erofs;

import org.jspecify.annotations.NullMarked;
