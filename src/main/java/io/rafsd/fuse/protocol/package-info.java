/** The kernel's FUSE messages as views over segments. */
@NullMarked
package io.rafsd.fuse.protocol;

import org.jspecify.annotations.NullMarked;
