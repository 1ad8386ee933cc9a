/** The command line: the daemon, the friendly commands and the image tools. */
@NullMarked
package io.rafsd.app.cli;

import org.jspecify.annotations.NullMarked;
