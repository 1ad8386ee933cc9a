/** Who we are to a registry: where user names and passwords come from. */
@NullMarked
package io.rafsd.storage.credentials;

import org.jspecify.annotations.NullMarked;
