/** Transport over the FUSE device: mount, one channel, reader threads. */
@NullMarked
package io.rafsd.fuse.kernel;

import org.jspecify.annotations.NullMarked;
