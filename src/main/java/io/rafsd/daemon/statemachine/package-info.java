/** The transition table in Spring Statemachine. */
@NullMarked
package io.rafsd.daemon.statemachine;

import org.jspecify.annotations.NullMarked;
