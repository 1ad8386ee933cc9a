/** On-disk structures that all RAFS versions share. */
@NullMarked
package io.rafsd.rafs.layout;

import org.jspecify.annotations.NullMarked;
