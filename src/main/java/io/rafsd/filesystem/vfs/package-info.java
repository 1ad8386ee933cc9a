/** Many mounted filesystems under one root. */
@NullMarked
package io.rafsd.filesystem.vfs;

import org.jspecify.annotations.NullMarked;
