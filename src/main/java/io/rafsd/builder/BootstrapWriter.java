package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a bootstrap: superblocks, device slot, blob table, prefetch table, metadata area, chunk table (RAFS format,
 * section 2.1).
 */
final class BootstrapWriter {

    private static final int BLOCK_BITS = 12;
    private static final long PREFETCH_ENTRY = 4;
    /** Where blobs lie in the flat form of the image that the kernel can mount. */
    private static final long DEVICE_ALIGNMENT = 0x80000;

    private final BuildOptions options;
    private final SourceTree tree;
    private final Layout layout;
    private final BlobContent content;
    private final List<Entry> prefetched;
    private final ChunkTableWriter chunkTable;
    private final long blobTable = Layout.BLOCK;
    private final long prefetchTable;
    private final long metadata;
    private final long chunkTableOffset;
    private final long size;

    BootstrapWriter(BuildOptions options, SourceTree tree, BlobContent content, List<Entry> prefetched) {
        this.options = options;
        this.tree = tree;
        this.layout = Layout.of(tree, options.chunkSize());
        this.content = content;
        this.prefetched = content.blob() == null ? List.of() : prefetched;
        this.chunkTable = new ChunkTableWriter(tree, content, options.chunkSize());
        this.prefetchTable = blobTable + BlobEntry.SIZE;
        this.metadata = content.blob() == null
                ? 0
                : Fields.roundUp(prefetchTable + this.prefetched.size() * PREFETCH_ENTRY, Layout.BLOCK);
        this.chunkTableOffset = Fields.roundUp(metadata + layout.end(), Layout.BLOCK);
        this.size = Fields.roundUp(chunkTableOffset + chunkTable.size(), Layout.BLOCK);
    }

    void write(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(size, Long.BYTES);
            long blocks = 0;
            @Nullable BlobInfo blob = content.blob();
            if (blob != null) {
                blocks = blob.uncompressedSize() >> BLOCK_BITS;
                new DeviceSlot(blob.id().value(), blocks, Fields.roundUp(size, DEVICE_ALIGNMENT) >> BLOCK_BITS)
                        .encode(image, 0);
                BlobEntry.encode(image.asSlice(blobTable, BlobEntry.SIZE), blob);
                for (int i = 0; i < prefetched.size(); i++) {
                    int nid = (int) layout.nid(prefetched.get(i));
                    image.set(Fields.U32, prefetchTable + i * PREFETCH_ENTRY, nid);
                }
            }
            new Superblock(
                            BLOCK_BITS,
                            (int) layout.nid(tree.root()),
                            tree.entries().size(),
                            blocks,
                            metadata >> BLOCK_BITS,
                            blob == null ? 0 : 1)
                    .encode(image);
            extendedSuperblock(blob).encode(image);
            new InodeWriter(image, metadata, layout, content, options.chunkSize()).write(tree);
            chunkTable.write(image, chunkTableOffset);
            OutputFile.write(image, file);
        }
    }

    private ExtendedSuperblock extendedSuperblock(@Nullable BlobInfo blob) {
        return new ExtendedSuperblock(
                flags(blob == null),
                blobTable,
                blob == null ? 0 : BlobEntry.SIZE,
                options.chunkSize(),
                chunkTableOffset,
                chunkTable.size(),
                prefetched.isEmpty() ? 0 : prefetchTable,
                prefetched.size() * PREFETCH_ENTRY);
    }

    private long flags(boolean noBlob) {
        boolean xattrs =
                tree.entries().stream().anyMatch(entry -> !entry.xattrs().isEmpty());
        return compressionFlag(options.compression())
                | (options.digester() == DigestAlgorithm.BLAKE3
                        ? SuperblockFlags.HASH_BLAKE3
                        : SuperblockFlags.HASH_SHA256)
                | SuperblockFlags.EXPLICIT_UID_GID
                | SuperblockFlags.ENCRYPTION_NONE
                | (xattrs ? SuperblockFlags.HAS_XATTR : 0)
                // Of no blobs, all have their digests in line.
                | (noBlob ? SuperblockFlags.INLINED_CHUNK_DIGEST : 0);
    }

    private static long compressionFlag(Compression compression) {
        return switch (compression) {
            case NONE -> SuperblockFlags.COMPRESSION_NONE;
            case LZ4_BLOCK -> SuperblockFlags.COMPRESSION_LZ4;
            case GZIP -> SuperblockFlags.COMPRESSION_GZIP;
            case ZSTD -> SuperblockFlags.COMPRESSION_ZSTD;
        };
    }
}
