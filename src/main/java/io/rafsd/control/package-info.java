/** The nydusd-compatible control API on a unix socket; maps failures to HTTP in one place. */
@NullMarked
package io.rafsd.control;

import org.jspecify.annotations.NullMarked;
