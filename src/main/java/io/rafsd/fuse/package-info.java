/** Transports: how a filesystem is handed to the kernel. */
@NullMarked
package io.rafsd.fuse;

import org.jspecify.annotations.NullMarked;
