/** Trees to test with, and the one judge of whether two trees are the same. */
@NullMarked
package io.rafsd.testing;

import org.jspecify.annotations.NullMarked;
