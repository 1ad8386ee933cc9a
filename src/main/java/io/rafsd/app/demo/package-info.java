/** The demonstration: builds an image, serves it, mounts it, shows it. */
@NullMarked
package io.rafsd.app.demo;

import org.jspecify.annotations.NullMarked;
