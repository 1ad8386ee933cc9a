/** From an image reference to a verified bootstrap on local disk. */
@NullMarked
package io.rafsd.image;

import org.jspecify.annotations.NullMarked;
