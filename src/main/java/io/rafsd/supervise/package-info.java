/** Starts a daemon, keeps what it leaves, and starts another when it dies: a process small enough to be the first. */
@NullMarked
package io.rafsd.supervise;

import org.jspecify.annotations.NullMarked;
