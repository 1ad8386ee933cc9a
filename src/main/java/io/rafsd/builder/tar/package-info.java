/** Reads tar archives of every dialect, byte by byte: names and values need not be text. */
@NullMarked
package io.rafsd.builder.tar;

import org.jspecify.annotations.NullMarked;
