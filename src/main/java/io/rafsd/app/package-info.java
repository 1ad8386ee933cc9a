/** Main class and wiring. */
@NullMarked
package io.rafsd.app;

import org.jspecify.annotations.NullMarked;
