/** Counters and latency histograms that cost an adder each; no registry. */
@NullMarked
package io.rafsd.stats;

import org.jspecify.annotations.NullMarked;
