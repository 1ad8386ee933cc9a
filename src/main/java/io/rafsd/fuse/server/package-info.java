/** Decodes a FUSE request, calls the filesystem, encodes the reply; maps failures to errno in one place. */
@NullMarked
package io.rafsd.fuse.server;

import org.jspecify.annotations.NullMarked;
