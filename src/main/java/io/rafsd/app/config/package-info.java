/** Reads nydusd's JSON and TOML, rafsd's own properties and the environment into the core's records. */
@NullMarked
package io.rafsd.app.config;

import org.jspecify.annotations.NullMarked;
