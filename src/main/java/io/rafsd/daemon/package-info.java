/** The daemon: its states, its events, the work between them; knows no framework. */
@NullMarked
package io.rafsd.daemon;

import org.jspecify.annotations.NullMarked;
