/** Image references, descriptors, manifests and indexes of the OCI specifications. */
@NullMarked
package io.rafsd.oci;

import org.jspecify.annotations.NullMarked;
