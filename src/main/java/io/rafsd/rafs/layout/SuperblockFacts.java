package io.rafsd.rafs.layout;

/**
 * What the superblock of an image says, whatever its version; 0 where a version does not have it. Offsets and sizes in
 * bytes, unless said otherwise.
 *
 * @param magic number that the image begins with
 * @param version of the format: 0x500 or 0x600
 * @param size of the superblock (v5)
 * @param rootInode number of the root (v5)
 * @param inodes as the image counts them
 * @param flags see {@link SuperblockFlags}
 * @param devices blobs in the device table (v6)
 * @param metaBlock block address of the metadata (v6)
 * @param rootNid node number of the root (v6)
 */
public record SuperblockFacts(
        long magic,
        int version,
        long size,
        long rootInode,
        long chunkSize,
        long inodes,
        long flags,
        long inodeTableEntries,
        long inodeTableOffset,
        long blobTableSize,
        long blobTableOffset,
        long extendedBlobTableOffset,
        long extendedBlobTableEntries,
        int devices,
        long deviceTableOffset,
        long prefetchTableOffset,
        long prefetchTableEntries,
        long metaBlock,
        long rootNid,
        long chunkTableOffset,
        long chunkTableSize) {}
