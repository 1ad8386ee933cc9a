/** Actuator endpoints and health indicators. */
@NullMarked
package io.rafsd.app.actuator;

import org.jspecify.annotations.NullMarked;
