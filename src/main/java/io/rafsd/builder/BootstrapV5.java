package io.rafsd.builder;

import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Digest;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v5.BlobEntry;
import io.rafsd.rafs.layout.v5.ExtendedBlobEntry;
import io.rafsd.rafs.layout.v5.Inode;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Superblock;
import io.rafsd.rafs.layout.v5.Xattrs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Writes a bootstrap of RAFS v5: superblock, inode table, prefetch table, blob tables, then the inodes, each before what
 * lies below it (RAFS format, section 1.1).
 */
final class BootstrapV5 {

    private static final byte[] ROOT_NAME = "/".getBytes(StandardCharsets.US_ASCII);
    private static final int PREFETCH_ENTRY = 4;
    private static final int DIRECTORY_UNIT = 4096;
    private static final int NAME_OVERHEAD = 8;
    private static final int SECTOR = 512;

    private final ImageFormat format;
    private final SourceTree tree;
    private final List<BlobEntry> blobs;
    private final List<BlobInfo> infos;
    private final List<Entry> prefetched;
    private final Digest[] digests;
    /** Indexed by number: where an inode lies, and for directories the index that its first child has, or would have. */
    private final long[] offsets;

    private final int[] firstChild;
    private final long prefetchTable;
    private final long blobTable;
    private final long extendedTable;
    private final long size;

    BootstrapV5(ImageFormat format, SourceTree tree, List<BlobInfo> infos, List<Entry> prefetched) {
        int entries = tree.entries().size();
        this.format = format;
        this.tree = tree;
        this.infos = infos;
        this.prefetched = prefetched;
        this.blobs = infos.stream()
                .map(blob -> new BlobEntry(0, 0, blob.id().value()))
                .toList();
        this.digests = new InodeDigests(tree, format.digester()).all();
        this.offsets = new long[entries + 1];
        this.firstChild = new int[entries + 1];
        this.prefetchTable = Fields.roundUp(Superblock.SIZE + entries * InodeTable.ENTRY_SIZE, 8);
        this.blobTable = Fields.roundUp(prefetchTable + (long) prefetched.size() * PREFETCH_ENTRY, 8);
        this.extendedTable = blobTable + BlobEntry.size(blobs);
        this.size = place(extendedTable + infos.size() * ExtendedBlobEntry.SIZE);
    }

    private long place(long start) {
        int next = 2;
        for (Entry directory : tree.directories()) {
            firstChild[directory.number()] = next;
            next += directory.children().size();
        }
        long end = start;
        Deque<Entry> open = new ArrayDeque<>();
        open.push(tree.root());
        while (!open.isEmpty()) {
            Entry entry = open.pop();
            offsets[entry.number()] = end;
            end += recordSize(entry);
            entry.children().reversed().forEach(open::push);
        }
        return end;
    }

    private static byte[] name(Entry entry) {
        return entry.isRoot() ? ROOT_NAME : entry.name();
    }

    private static long recordSize(Entry entry) {
        return Inode.headSize(name(entry).length, entry.target().length)
                + Xattrs.size(entry.xattrs())
                + chunks(entry).length * ChunkRecord.SIZE;
    }

    private static Chunk[] chunks(Entry entry) {
        return entry.facts().isRegular() ? entry.data().chunks() : new Chunk[0];
    }

    MemorySegment encode(Arena arena) {
        MemorySegment image = arena.allocate(size, Long.BYTES);
        long unique =
                tree.entries().stream().filter(entry -> entry.file() == entry).count();
        new Superblock(
                        format.chunkSize(),
                        flags(),
                        unique,
                        Superblock.SIZE,
                        prefetchTable,
                        blobTable,
                        tree.entries().size(),
                        prefetched.size(),
                        BlobEntry.size(blobs),
                        infos.size(),
                        infos.isEmpty() ? 0 : extendedTable)
                .encode(image);
        InodeTable table =
                new InodeTable(image.asSlice(Superblock.SIZE, tree.entries().size() * InodeTable.ENTRY_SIZE));
        for (int i = 0; i < prefetched.size(); i++) {
            image.set(
                    Fields.U32,
                    prefetchTable + (long) i * PREFETCH_ENTRY,
                    prefetched.get(i).file().number());
        }
        BlobEntry.encode(image.asSlice(blobTable, BlobEntry.size(blobs)), blobs);
        for (int i = 0; i < infos.size(); i++) {
            BlobInfo blob = infos.get(i);
            new ExtendedBlobEntry(blob.chunkCount(), blob.features(), blob.uncompressedSize(), blob.compressedSize())
                    .encode(image, extendedTable + i * ExtendedBlobEntry.SIZE);
        }
        for (Entry entry : tree.entries()) {
            table.encode(entry.number(), offsets[entry.number()]);
            write(entry, image);
        }
        return image;
    }

    private long flags() {
        boolean xattrs =
                tree.entries().stream().anyMatch(entry -> !entry.xattrs().isEmpty());
        return SuperblockFlags.of(format.compression())
                | SuperblockFlags.of(format.digester())
                | (format.owners() ? SuperblockFlags.EXPLICIT_UID_GID : 0)
                | (xattrs ? SuperblockFlags.HAS_XATTR : 0);
    }

    private void write(Entry entry, MemorySegment image) {
        Facts facts = entry.facts();
        byte[] name = name(entry);
        Chunk[] chunks = chunks(entry);
        long fileSize = size(entry);
        long xattrs = Math.max(0, Xattrs.size(entry.xattrs()) - 8);
        long offset = offsets[entry.number()];
        Inode.encode(
                image,
                offset,
                digests[entry.number()],
                entry.isRoot() ? 0 : entry.parent().number(),
                entry.file().number(),
                format.owners() ? facts.uid() : 0,
                format.owners() ? facts.gid() : 0,
                facts.mode(),
                fileSize,
                (fileSize + xattrs + SECTOR - 1) / SECTOR,
                (facts.isSymlink() ? Inode.SYMLINK : 0) | (entry.xattrs().isEmpty() ? 0 : Inode.XATTR),
                entry.links(),
                facts.isDirectory() ? firstChild[entry.number()] : 0,
                facts.isDirectory() ? entry.children().size() : chunks.length,
                facts.deviceNumber(),
                facts.modifiedSeconds(),
                facts.modifiedNanos(),
                name,
                entry.target());
        long at = offset + Inode.headSize(name.length, entry.target().length);
        if (!entry.xattrs().isEmpty()) {
            Xattrs.encode(image, at, entry.xattrs());
            at += Xattrs.size(entry.xattrs());
        }
        for (int i = 0; i < chunks.length; i++) {
            ChunkTableWriter.write(chunks[i], (long) i * format.chunkSize(), image, at + i * ChunkRecord.SIZE);
        }
    }

    private static long size(Entry entry) {
        Facts facts = entry.facts();
        if (facts.isSymlink()) {
            return entry.target().length;
        }
        if (!facts.isDirectory()) {
            return facts.isRegular() ? facts.size() : 0;
        }
        long names = 0;
        for (Entry child : entry.children()) {
            names += child.name().length + NAME_OVERHEAD;
        }
        return Math.max(DIRECTORY_UNIT, Fields.roundUp(names, DIRECTORY_UNIT));
    }
}
