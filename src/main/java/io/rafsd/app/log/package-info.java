/** What is logged, how a line looks, and where it goes. */
@NullMarked
package io.rafsd.app.log;

import org.jspecify.annotations.NullMarked;
