/** Version-neutral view of a bootstrap: superblock, inodes, directories, xattrs, the chunks of a range. */
@NullMarked
package io.rafsd.rafs.metadata;

import org.jspecify.annotations.NullMarked;
