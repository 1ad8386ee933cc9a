/** State that leaves one daemon and reaches its successor: bytes and descriptors; knows no daemon. */
@NullMarked
package io.rafsd.upgrade;

import org.jspecify.annotations.NullMarked;
