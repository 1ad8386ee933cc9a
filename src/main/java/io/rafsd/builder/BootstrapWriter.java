package io.rafsd.builder;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Superblock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Writes a bootstrap of RAFS v6: superblocks, device slots, blob table, prefetch table, metadata area, chunk table (RAFS format,
 * section 2.1).
 */
final class BootstrapWriter {

    private static final int BLOCK_BITS = 12;
    private static final long PREFETCH_ENTRY = 4;
    /** Where blobs lie in the flat form of the image that the kernel can mount. */
    private static final long DEVICE_ALIGNMENT = 0x80000;

    private final ImageFormat format;
    private final SourceTree tree;
    private final Layout layout;
    private final List<BlobInfo> blobs;
    private final List<Entry> prefetched;
    private final ChunkTableWriter chunkTable;
    private final long blobTable;
    private final long prefetchTable;
    private final long metadata;
    private final long chunkTableOffset;
    private final long size;

    BootstrapWriter(ImageFormat format, SourceTree tree, List<BlobInfo> blobs, List<Entry> prefetched) {
        this.format = format;
        this.tree = tree;
        this.layout = Layout.of(tree, format.chunkSize());
        this.blobs = blobs;
        this.prefetched = blobs.isEmpty() ? List.of() : prefetched;
        this.chunkTable = new ChunkTableWriter(tree, format.chunkSize());
        this.blobTable = Fields.roundUp(DeviceSlot.OFFSET + blobs.size() * DeviceSlot.SIZE, Layout.BLOCK);
        this.prefetchTable = blobTable + blobs.size() * BlobEntry.SIZE;
        this.metadata = blobs.isEmpty()
                ? 0
                : Fields.roundUp(prefetchTable + this.prefetched.size() * PREFETCH_ENTRY, Layout.BLOCK);
        this.chunkTableOffset = Fields.roundUp(metadata + layout.end(), Layout.BLOCK);
        this.size = Fields.roundUp(chunkTableOffset + chunkTable.size(), Layout.BLOCK);
    }

    /** The whole bootstrap. */
    MemorySegment encode(Arena arena) {
        MemorySegment image = arena.allocate(size, Long.BYTES);
        long blocks = writeBlobs(image);
        for (int i = 0; i < prefetched.size(); i++) {
            int nid = (int) layout.nid(prefetched.get(i));
            image.set(Fields.U32, prefetchTable + i * PREFETCH_ENTRY, nid);
        }
        new Superblock(
                        BLOCK_BITS,
                        (int) layout.nid(tree.root()),
                        tree.entries().size(),
                        blocks,
                        metadata >> BLOCK_BITS,
                        blobs.size())
                .encode(image);
        extendedSuperblock().encode(image);
        new InodeWriter(image, metadata, layout, format).write(tree);
        chunkTable.write(image, chunkTableOffset);
        return image;
    }

    /** Writes device slots and blob table; the answer is the number of blocks in all. */
    private long writeBlobs(MemorySegment image) {
        long all = 0;
        long position = size;
        for (int i = 0; i < blobs.size(); i++) {
            BlobInfo blob = blobs.get(i);
            long blocks = blob.uncompressedSize() >> BLOCK_BITS;
            long mapped = Fields.roundUp(position, DEVICE_ALIGNMENT) >> BLOCK_BITS;
            new DeviceSlot(blob.id().value(), blocks, mapped).encode(image, i);
            BlobEntry.encode(image.asSlice(blobTable + i * BlobEntry.SIZE, BlobEntry.SIZE), blob);
            position = mapped + blocks << BLOCK_BITS;
            all += blocks;
        }
        return all;
    }

    private ExtendedSuperblock extendedSuperblock() {
        return new ExtendedSuperblock(
                flags(),
                blobTable,
                blobs.size() * BlobEntry.SIZE,
                format.chunkSize(),
                chunkTableOffset,
                chunkTable.size(),
                prefetched.isEmpty() ? 0 : prefetchTable,
                prefetched.size() * PREFETCH_ENTRY);
    }

    private long flags() {
        boolean xattrs =
                tree.entries().stream().anyMatch(entry -> !entry.xattrs().isEmpty());
        boolean encrypted = blobs.stream().anyMatch(blob -> blob.cipher() != null);
        // Of no blobs, all have their digests in line.
        boolean inlinedDigests = blobs.stream().allMatch(blob -> blob.has(BlobFeatures.INLINED_CHUNK_DIGEST));
        return SuperblockFlags.of(format.compression())
                | SuperblockFlags.of(format.digester())
                | (format.owners() ? SuperblockFlags.EXPLICIT_UID_GID : 0)
                | (encrypted ? SuperblockFlags.ENCRYPTION_AES_128_XTS : SuperblockFlags.ENCRYPTION_NONE)
                | (xattrs ? SuperblockFlags.HAS_XATTR : 0)
                | (inlinedDigests ? SuperblockFlags.INLINED_CHUNK_DIGEST : 0);
    }
}
