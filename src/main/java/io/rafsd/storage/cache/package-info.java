/** Serves the chunks of one blob from local disk; fetches, decompresses, verifies and stores what is missing, each chunk once. */
@NullMarked
package io.rafsd.storage.cache;

import org.jspecify.annotations.NullMarked;
