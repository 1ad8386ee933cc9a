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
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Superblock;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A RAFS v6 bootstrap, which is an EROFS image with two tables more. An inode's number is its node number (nid): its
 * place in the metadata area in units of 32 bytes.
 */
final class RafsV6 implements RafsMetadata {

    private final MemorySegment image;
    private final Superblock superblock;
    private final ExtendedSuperblock extended;
    private final InodeArea inodes;
    private final InodeRules inodeRules;
    private final DirectoryRules directoryRules;
    private final CheckedInodes checkedInodes;
    private final CheckedInodes checkedDirectories;
    private final long chunkSize;
    private final List<BlobInfo> blobs;
    private final BootstrapDigests digests;
    private final List<Long> prefetch;
    /** Without it the image's owners mean nothing, and everything belongs to who serves it. */
    private final boolean explicitOwners;

    private RafsV6(
            MemorySegment image,
            Superblock superblock,
            ExtendedSuperblock extended,
            InodeArea inodes,
            List<BlobInfo> blobs,
            BootstrapDigests digests,
            List<Long> prefetch) {
        this.image = image;
        this.superblock = superblock;
        this.extended = extended;
        this.inodes = inodes;
        this.chunkSize = extended.chunkSize();
        this.inodeRules = new InodeRules(image, chunkSize, superblock.blockBits());
        this.directoryRules = new DirectoryRules(inodes, image, superblock.blockBits(), superblock.rootNid());
        this.checkedInodes = new CheckedInodes(inodes.limit());
        this.checkedDirectories = new CheckedInodes(inodes.limit());
        this.blobs = blobs;
        this.digests = digests;
        this.prefetch = prefetch;
        this.explicitOwners = (extended.flags() & SuperblockFlags.EXPLICIT_UID_GID) != 0;
    }

    static RafsV6 decode(MemorySegment image, BootstrapName name) throws IOException {
        Superblock superblock = Superblock.decode(image);
        ExtendedSuperblock extended = ExtendedSuperblock.decode(image);
        TablesV6.check(image, superblock, extended);
        InodeArea inodes = InodeArea.of(image, superblock, extended);
        List<BlobInfo> blobs = TablesV6.blobs(image, superblock, extended, name);
        RafsV6 metadata = new RafsV6(
                image,
                superblock,
                extended,
                inodes,
                blobs,
                BootstrapDigests.read(image, extended, blobs),
                TablesV6.prefetch(image, extended, inodes));
        if ((metadata.inode(superblock.rootNid()).mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new InvalidImage("the root, inode " + superblock.rootNid() + ", is no directory");
        }
        metadata.directory(superblock.rootNid());
        return metadata;
    }

    @Override
    public SuperblockFacts facts() {
        return extended.facts(superblock);
    }

    @Override
    public MemorySegment bytes() {
        return image;
    }

    @Override
    public int version() {
        return 6;
    }

    @Override
    public long flags() {
        return extended.flags();
    }

    @Override
    public long rootIno() {
        return superblock.rootNid();
    }

    @Override
    public long inodeCount() {
        return superblock.inodes();
    }

    @Override
    public int chunkSize() {
        return (int) chunkSize;
    }

    @Override
    public List<BlobInfo> blobs() {
        return blobs;
    }

    @Override
    public ChunkDigests chunkDigests(int blob) {
        return digests.ofBlob(blob);
    }

    @Override
    public @Nullable ChunkTable chunkTable(int blob) {
        return null;
    }

    @Override
    public List<Long> prefetchInodes() {
        return prefetch;
    }

    @Override
    public boolean hasExtendedAttributes() {
        return (extended.flags() & SuperblockFlags.HAS_XATTR) != 0;
    }

    @Override
    public void attributes(long ino, Attributes found) throws IOException {
        Inode inode = inode(ino);
        int mode = inode.mode();
        int type = mode & Attributes.TYPE_MASK;
        found.ino = ino;
        found.mode = mode;
        found.nlink = inode.nlink();
        found.uid = explicitOwners ? inode.uid() : Limits.effectiveUser();
        found.gid = explicitOwners ? inode.gid() : Limits.effectiveGroup();
        found.rdev = type == Attributes.CHARACTER_DEVICE || type == Attributes.BLOCK_DEVICE ? inode.union() : 0;
        found.size = inode.size();
        found.blocks = (inode.size() + 511) >>> 9;
        found.blockSize = 4096;
        found.mtimeSeconds = inode.mtimeSeconds();
        found.mtimeNanos = inode.mtimeNanos();
        found.generation = 0;
    }

    @Override
    public long child(long directory, MemorySegment name) throws IOException {
        return directory(directory).child(name);
    }

    @Override
    public void readDirectory(long directory, long cookie, DirectorySink sink) throws IOException {
        directory(directory).list(cookie, sink);
    }

    @Override
    public MemorySegment symlinkTarget(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.SYMLINK) {
            throw new PosixError(Errno.EINVAL, "inode " + ino + " is no symbolic link");
        }
        return InodeRules.target(new FlatData(image, inode, superblock.blockBits()));
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        Inode inode = inode(ino);
        if (inode.xattrSize() == 0) {
            return null;
        }
        for (Xattr xattr : Xattrs.decode(image, inode.xattrOffset(), inode.xattrSize())) {
            if (xattr.name().mismatch(name) == -1) {
                return xattr.value();
            }
        }
        return null;
    }

    @Override
    public byte[] extendedAttributeNames(long ino) throws IOException {
        Inode inode = inode(ino);
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        if (inode.xattrSize() != 0) {
            for (Xattr xattr : Xattrs.decode(image, inode.xattrOffset(), inode.xattrSize())) {
                names.writeBytes(xattr.name().toArray(ValueLayout.JAVA_BYTE));
                names.write(0);
            }
        }
        return names.toByteArray();
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
        long at = chunkIndexEntry(ino, position);
        int blob = ChunkIndex.blob(image, at);
        int chunk = ChunkIndex.chunk(image, at);
        if (blob < 0 || blob >= blobs.size() || chunk >= blobs.get(blob).chunkCount()) {
            throw new InvalidImage("inode " + ino + ", chunk " + position + ": names chunk " + chunk + " of blob "
                    + blob + ", which the image has not");
        }
        long address = ChunkIndex.block(image, at) << superblock.blockBits();
        if (address >= blobs.get(blob).uncompressedSize()) {
            throw new InvalidImage("inode " + ino + ", chunk " + position + ": address " + address
                    + " lies behind the end of blob " + blob);
        }
        return blob << 24 | chunk;
    }

    @Override
    public long chunkOffset(long ino, long position) throws IOException {
        return ChunkIndex.block(image, chunkIndexEntry(ino, position)) << superblock.blockBits();
    }

    @Override
    public @Nullable ChunkRecord chunkRecord(long ino, long position) throws IOException {
        int packed = chunk(ino, position);
        return digests.record(RafsMetadata.blobOf(packed), RafsMetadata.indexOf(packed));
    }

    private long chunkIndexEntry(long ino, long position) throws InvalidImage {
        return inode(ino).chunkIndexOffset() + position * ChunkIndex.SIZE;
    }

    /** The inode, which keeps its rules. */
    private Inode inode(long nid) throws InvalidImage {
        Inode inode = inodes.inode(nid);
        if (!checkedInodes.contains(nid)) {
            inodeRules.check(nid, inode);
            checkedInodes.add(nid);
        }
        return inode;
    }

    /** The directory, whose entries keep their rules. */
    private Directory directory(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new PosixError(Errno.ENOTDIR, "inode " + ino + " is no directory");
        }
        if (!checkedDirectories.contains(ino)) {
            directoryRules.check(ino, inode);
            checkedDirectories.add(ino);
        }
        return new Directory(new FlatData(image, inode, superblock.blockBits()));
    }
}
