/** What can go wrong, as one sealed family, by meaning to the caller. */
@NullMarked
package io.rafsd.error;

import org.jspecify.annotations.NullMarked;
