/** On-disk structures of RAFS v5. */
@NullMarked
package io.rafsd.rafs.layout.v5;

import org.jspecify.annotations.NullMarked;
