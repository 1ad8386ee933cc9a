package io.rafsd.builder;

import io.rafsd.linux.FileStatus;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.lang.foreign.MemorySegment;

/** Writes the metadata area: inodes and what follows them (RAFS format, section 2.6). */
final class InodeWriter {

    private static final int BLOCK_BITS = 12;
    /** An inode's chunk format has 5 bits for the size of its unit, in blocks. */
    private static final int MAX_UNIT_BITS = 31;

    private final MemorySegment area;
    private final long areaBlock;
    private final Layout layout;
    private final int chunkSize;
    private final boolean owners;

    /** @param metadata where the metadata area begins in {@code image} */
    InodeWriter(MemorySegment image, long metadata, Layout layout, ImageFormat format) {
        this.area = image.asSlice(metadata);
        this.areaBlock = metadata >> BLOCK_BITS;
        this.layout = layout;
        this.chunkSize = format.chunkSize();
        this.owners = format.owners();
    }

    void write(SourceTree tree) {
        for (Entry entry : tree.entries()) {
            if (entry.file() == entry) {
                write(entry);
            }
        }
    }

    private void write(Entry entry) {
        switch (entry.facts().type()) {
            case FileStatus.REGULAR -> {
                Chunk[] chunks = entry.data().chunks();
                writeInode(entry, Inode.CHUNK_BASED, Inode.CHUNK_INDEXES | unitBits(entry, chunks));
                writeChunkIndex(entry, chunks);
            }
            case FileStatus.DIRECTORY -> {
                writeFlatInode(entry);
                DirectoryData.of(entry).write(number -> block(entry, number), layout::nid);
            }
            case FileStatus.SYMLINK -> {
                writeFlatInode(entry);
                block(entry, 0).copyFrom(MemorySegment.ofArray(entry.target()));
            }
            default -> writeInode(entry, Inode.FLAT_PLAIN, entry.facts().deviceNumber());
        }
    }

    private void writeFlatInode(Entry entry) {
        int block = (int) (areaBlock + (layout.data(entry) >> BLOCK_BITS));
        writeInode(entry, layout.isInline(entry) ? Inode.FLAT_INLINE : Inode.FLAT_PLAIN, block);
    }

    private void writeInode(Entry entry, int dataLayout, int union) {
        Facts facts = entry.facts();
        Inode.encode(
                area,
                layout.inode(entry),
                dataLayout,
                Xattrs.size(entry.xattrs()),
                facts.mode(),
                layout.size(entry),
                union,
                entry.number(),
                owners ? facts.uid() : 0,
                owners ? facts.gid() : 0,
                facts.modifiedSeconds(),
                facts.modifiedNanos(),
                entry.links());
        Xattrs.encode(area, layout.inode(entry) + Inode.EXTENDED_SIZE, entry.xattrs());
    }

    private void writeChunkIndex(Entry entry, Chunk[] chunks) {
        long at = Fields.roundUp(layout.inode(entry) + Layout.inodeSize(entry), ChunkIndex.SIZE);
        for (Chunk chunk : chunks) {
            long block = chunk.uncompressedOffset() >> BLOCK_BITS;
            ChunkIndex.encode(area, at, chunk.blob().index(), chunk.index(), block);
            at += ChunkIndex.SIZE;
        }
    }

    /**
     * Size of the unit that the kernel maps at once, in bits above a block: the chunk, or the whole file if its chunks
     * follow each other in the blob.
     */
    private int unitBits(Entry entry, Chunk[] chunks) {
        int chunkBits = Integer.numberOfTrailingZeros(chunkSize) - BLOCK_BITS;
        long size = entry.facts().size();
        int fileBits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size - 1)) - BLOCK_BITS;
        return size > chunkSize && fileBits <= MAX_UNIT_BITS && isContiguous(chunks) ? fileBits : chunkBits;
    }

    private boolean isContiguous(Chunk[] chunks) {
        for (int i = 1; i < chunks.length; i++) {
            if (chunks[i].blob() != chunks[0].blob()
                    || chunks[i].uncompressedOffset() != chunks[i - 1].uncompressedOffset() + chunkSize) {
                return false;
            }
        }
        return true;
    }

    /** Room for one block of a directory or link. */
    private MemorySegment block(Entry entry, long number) {
        long start = number * Layout.BLOCK;
        long length = Math.min(Layout.BLOCK, layout.size(entry) - start);
        boolean last = start + length == layout.size(entry);
        long at = last && layout.isInline(entry)
                ? layout.inode(entry) + Layout.inodeSize(entry)
                : layout.data(entry) + start;
        return area.asSlice(at, length);
    }
}
