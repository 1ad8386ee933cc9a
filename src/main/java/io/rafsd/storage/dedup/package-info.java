/** The database, shared by the daemons of a machine, of which cache file holds which chunk. */
@NullMarked
package io.rafsd.storage.dedup;

import org.jspecify.annotations.NullMarked;
