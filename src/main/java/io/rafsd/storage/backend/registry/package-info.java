/** Manifests and blobs from an OCI registry: token auth, redirects, ranges. */
@NullMarked
package io.rafsd.storage.backend.registry;

import org.jspecify.annotations.NullMarked;
