package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.linux.Limits;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.SuperblockFacts;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v5.Inode;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Superblock;
import io.rafsd.rafs.layout.v5.Xattrs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A RAFS v5 bootstrap. An inode's number is its place in the inode table, counted from 1, which is the root. Every name has
 * an inode of its own; further names of a file carry the number of the first, by which they are known outside.
 */
final class RafsV5 implements RafsMetadata {

    private static final int ROOT = 1;
    private static final MemorySegment DOT =
            MemorySegment.ofArray(new byte[] {'.'}).asReadOnly();
    private static final MemorySegment DOTS =
            MemorySegment.ofArray(new byte[] {'.', '.'}).asReadOnly();
    /** A cookie is the place of the next entry; those of {@code .} and {@code ..} are made up. */
    private static final int FIRST_CHILD = 2;

    private final MemorySegment image;
    private final Superblock superblock;
    private final InodeTable inodes;
    private final InodeRulesV5 rules;
    private final CheckedInodes checked;
    private final List<BlobInfo> blobs;
    private final ListedChunks[] chunks;
    /** Of each blob, whether the records of its chunks number them. */
    private final boolean[] numbered;

    private final List<Long> prefetch;
    /** Without it the image's owners mean nothing, and everything belongs to who serves it. */
    private final boolean explicitOwners;

    private RafsV5(
            MemorySegment image,
            Superblock superblock,
            InodeTable inodes,
            List<BlobInfo> blobs,
            ListedChunks[] chunks,
            boolean[] numbered,
            List<Long> prefetch) {
        this.image = image;
        this.superblock = superblock;
        this.inodes = inodes;
        this.rules = new InodeRulesV5(image, inodes, superblock.chunkSize(), TablesV5.digester(superblock.flags()));
        this.checked = new CheckedInodes(inodes.count() + 1L);
        this.blobs = blobs;
        this.chunks = chunks;
        this.numbered = numbered;
        this.prefetch = prefetch;
        this.explicitOwners = (superblock.flags() & SuperblockFlags.EXPLICIT_UID_GID) != 0;
    }

    static RafsV5 decode(MemorySegment image, BootstrapName name) throws IOException {
        Superblock superblock = Superblock.decode(image);
        TablesV5.check(image, superblock);
        InodeTable inodes = InodeTable.at(image, superblock.inodeTableOffset(), superblock.inodeTableEntries());
        List<BlobInfo> blobs = TablesV5.blobs(image, superblock, name);
        boolean[] numbered = new boolean[blobs.size()];
        for (BlobInfo blob : blobs) {
            numbered[blob.index()] = blob.chunkCount() > 0;
        }
        ListedChunks[] chunks = ChunkScan.run(image, inodes, blobs);
        RafsV5 metadata = new RafsV5(
                image, superblock, inodes, List.copyOf(blobs), chunks, numbered, TablesV5.prefetch(image, superblock));
        if ((metadata.inode(ROOT).mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new InvalidImage("the root, inode 1 at " + inodes.offset(ROOT) + ", is no directory");
        }
        return metadata;
    }

    @Override
    public SuperblockFacts facts() {
        return superblock.facts();
    }

    @Override
    public MemorySegment bytes() {
        return image;
    }

    @Override
    public int version() {
        return 5;
    }

    @Override
    public long flags() {
        return superblock.flags();
    }

    @Override
    public long rootIno() {
        return ROOT;
    }

    @Override
    public long inodeCount() {
        return superblock.inodes();
    }

    @Override
    public int chunkSize() {
        return (int) superblock.chunkSize();
    }

    @Override
    public List<BlobInfo> blobs() {
        return blobs;
    }

    @Override
    public ChunkDigests chunkDigests(int blob) {
        return chunks[blob].digests();
    }

    @Override
    public ChunkTable chunkTable(int blob) {
        return chunks[blob];
    }

    @Override
    public List<Long> prefetchInodes() {
        return prefetch;
    }

    @Override
    public boolean hasExtendedAttributes() {
        return (superblock.flags() & SuperblockFlags.HAS_XATTR) != 0;
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        Inode inode = inode(ino);
        int type = inode.mode() & Attributes.TYPE_MASK;
        found.ino = ino;
        found.mode = inode.mode();
        found.nlink = inode.nlink();
        found.uid = explicitOwners ? inode.uid() : Limits.effectiveUser();
        found.gid = explicitOwners ? inode.gid() : Limits.effectiveGroup();
        found.rdev = type == Attributes.CHARACTER_DEVICE || type == Attributes.BLOCK_DEVICE ? inode.rdev() : 0;
        found.size = inode.size();
        found.blocks = (inode.size() + 511) >>> 9;
        found.blockSize = 4096;
        found.mtimeSeconds = inode.mtimeSeconds();
        found.mtimeNanos = inode.mtimeNanos();
        found.generation = 0;
    }

    @Override
    public long child(long directory, MemorySegment name) throws IOException {
        Inode inode = directory(directory);
        if (name.mismatch(DOT) == -1) {
            return directory;
        }
        if (name.mismatch(DOTS) == -1) {
            return parent(directory, inode);
        }
        int low = (int) inode.childIndex();
        int high = low + (int) inode.childCount() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Inode child = ChunkScan.inode(image, inodes, middle);
            int order = InodeRulesV5.compare(name, child.name());
            if (order == 0) {
                return child.ino();
            } else if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return ABSENT;
    }

    private static long parent(long ino, Inode inode) {
        return ino == ROOT ? ROOT : inode.parent();
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectorySink sink) throws IOException {
        Inode inode = directory(directory);
        long end = FIRST_CHILD + inode.childCount();
        for (long at = cookie; at >= 0 && at < end; at++) {
            boolean goesOn;
            if (at == 0) {
                goesOn = sink.entry(DOT, directory, Attributes.DIRECTORY, 1);
            } else if (at == 1) {
                goesOn = sink.entry(DOTS, parent(directory, inode), Attributes.DIRECTORY, FIRST_CHILD);
            } else {
                Inode child = ChunkScan.inode(image, inodes, (int) (inode.childIndex() + at - FIRST_CHILD));
                goesOn = sink.entry(child.name(), child.ino(), child.mode() & Attributes.TYPE_MASK, at + 1);
            }
            if (!goesOn) {
                return;
            }
        }
    }

    @Override
    public MemorySegment symlinkTarget(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.SYMLINK) {
            throw new PosixError(Errno.EINVAL, "inode " + ino + " is no symbolic link");
        }
        return inode.symlinkTarget();
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        for (Xattr xattr : xattrs(ino)) {
            if (xattr.name().mismatch(name) == -1) {
                return xattr.value();
            }
        }
        return null;
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (Xattr xattr : xattrs(ino)) {
            names.writeBytes(xattr.name().toArray(ValueLayout.JAVA_BYTE));
            names.write(0);
        }
        return names.toByteArray();
    }

    private List<Xattr> xattrs(long ino) throws IOException {
        Inode inode = inode(ino);
        return inode.hasXattrs() ? Xattrs.decode(image, inode.xattrOffset()) : List.of();
    }

    @Override
    public long fileSize(long ino) throws IOException {
        Inode inode = inode(ino);
        int type = inode.mode() & Attributes.TYPE_MASK;
        if (type != Attributes.REGULAR) {
            throw new PosixError(
                    type == Attributes.DIRECTORY ? Errno.EISDIR : Errno.EINVAL, "inode " + ino + " is no regular file");
        }
        return inode.size();
    }

    @Override
    public int chunk(long ino, long position) throws IOException {
        ChunkRecord record = record(ino, position);
        int blob = record.blobIndex();
        int number = numbered[blob] ? record.index() : chunks[blob].numberAt(record.uncompressedOffset());
        return blob << 24 | number;
    }

    @Override
    public long chunkOffset(long ino, long position) throws IOException {
        return record(ino, position).uncompressedOffset();
    }

    @Override
    public ChunkRecord chunkRecord(long ino, long position) throws IOException {
        return record(ino, position);
    }

    private ChunkRecord record(long ino, long position) throws InvalidImage {
        return ChunkRecord.at(image, inode(ino).chunkOffset(position));
    }

    /** The inode, which keeps its rules. */
    private Inode inode(long ino) throws InvalidImage {
        if (ino < ROOT || ino > inodes.count()) {
            throw new InvalidImage(
                    "inode number " + Long.toUnsignedString(ino) + " is not one of 1 to " + inodes.count());
        }
        Inode inode = new Inode(image, inodes.offset((int) ino));
        if (!checked.contains(ino)) {
            rules.check((int) ino, inode);
            checked.add(ino);
        }
        return inode;
    }

    private Inode directory(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new PosixError(Errno.ENOTDIR, "inode " + ino + " is no directory");
        }
        return inode;
    }
}
