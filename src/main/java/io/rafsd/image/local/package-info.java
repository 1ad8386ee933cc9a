/** Reads whole images from local disk: checks them, counts, shows and unpacks them. */
@NullMarked
package io.rafsd.image.local;

import org.jspecify.annotations.NullMarked;
