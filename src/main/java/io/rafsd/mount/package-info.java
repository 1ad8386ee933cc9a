/** Assembles backend, cache, device and filesystem for each mount point; mounts, unmounts, lists. The only room that knows all kinds. */
@NullMarked
package io.rafsd.mount;

import org.jspecify.annotations.NullMarked;
