/** System calls through the foreign-function API. */
@NullMarked
package io.rafsd.linux;

import org.jspecify.annotations.NullMarked;
