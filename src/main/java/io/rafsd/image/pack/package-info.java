/** Packs a built RAFS image as OCI layers, config and manifest. */
@NullMarked
package io.rafsd.image.pack;

import org.jspecify.annotations.NullMarked;
