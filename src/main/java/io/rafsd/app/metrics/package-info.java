/** Meter binders over the core's counters. */
@NullMarked
package io.rafsd.app.metrics;

import org.jspecify.annotations.NullMarked;
