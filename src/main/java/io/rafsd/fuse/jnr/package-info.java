/** Transport over jnr-fuse. */
@NullMarked
package io.rafsd.fuse.jnr;

import org.jspecify.annotations.NullMarked;
