/** The image tools, with nydus-image's words. */
@NullMarked
package io.rafsd.app.cli.image;

import org.jspecify.annotations.NullMarked;
