/** Builds RAFS images from directories. */
@NullMarked
package io.rafsd.builder;

import org.jspecify.annotations.NullMarked;
