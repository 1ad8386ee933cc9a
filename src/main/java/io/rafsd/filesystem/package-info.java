/** The operations every transport asks and every filesystem answers, with their value types. */
@NullMarked
package io.rafsd.filesystem;

import org.jspecify.annotations.NullMarked;
