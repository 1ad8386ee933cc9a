/** A small OCI registry on loopback, for the demonstration and the tests. */
@NullMarked
package io.rafsd.demo.registry;

import org.jspecify.annotations.NullMarked;
