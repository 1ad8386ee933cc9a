/** One HTTP client for the whole process: timeouts, TLS, redirects, response checks. */
@NullMarked
package io.rafsd.storage.backend.http;

import org.jspecify.annotations.NullMarked;
