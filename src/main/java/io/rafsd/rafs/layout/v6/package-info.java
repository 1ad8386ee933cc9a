/** On-disk structures of RAFS v6, readable and writable. */
@NullMarked
package io.rafsd.rafs.layout.v6;

import org.jspecify.annotations.NullMarked;
