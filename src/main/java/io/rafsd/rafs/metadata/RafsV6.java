package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.error.Errno;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.PosixError;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.linux.Limits;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.Dirents;
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

    private static final int MAX_SYMLINK = 4096;
    private static final int ENTRIES_PER_BLOCK_BITS = 12;

    private final MemorySegment image;
    private final Superblock superblock;
    private final ExtendedSuperblock extended;
    private final long metadataStart;
    private final int blockSize;
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
            List<BlobInfo> blobs,
            BootstrapDigests digests,
            List<Long> prefetch) {
        this.image = image;
        this.superblock = superblock;
        this.extended = extended;
        this.metadataStart = superblock.metaBlock() << superblock.blockBits();
        this.blockSize = 1 << superblock.blockBits();
        this.chunkSize = extended.chunkSize();
        this.blobs = blobs;
        this.digests = digests;
        this.prefetch = prefetch;
        this.explicitOwners = (extended.flags() & SuperblockFlags.EXPLICIT_UID_GID) != 0;
    }

    static RafsV6 decode(MemorySegment image) throws IOException {
        Superblock superblock = Superblock.decode(image);
        ExtendedSuperblock extended = ExtendedSuperblock.decode(image);
        TablesV6.check(image, superblock, extended);
        List<BlobInfo> blobs = TablesV6.blobs(image, superblock, extended);
        RafsV6 metadata = new RafsV6(
                image,
                superblock,
                extended,
                blobs,
                BootstrapDigests.read(image, extended, blobs),
                TablesV6.prefetch(image, extended));
        if ((metadata.inode(superblock.rootNid()).mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new InvalidImage("the root, inode " + superblock.rootNid() + ", is no directory");
        }
        return metadata;
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
        if (inode.size() < 0) {
            throw new InvalidImage("inode " + ino + ": size " + Long.toUnsignedString(inode.size()) + " is too large");
        }
    }

    @Override
    public long child(long directory, MemorySegment name) throws IOException {
        Inode inode = directory(directory);
        long low = 0;
        long high = blockCount(inode) - 1;
        // The last block whose first name is not behind the wanted one holds it, if any does.
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            if (direntBlock(inode, middle).compare(name, 0) < 0) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        if (low > high) {
            return ABSENT;
        }
        Dirents block = direntBlock(inode, low);
        int first = 0;
        int last = block.count() - 1;
        while (first <= last) {
            int middle = (first + last) >>> 1;
            int order = block.compare(name, middle);
            if (order == 0) {
                return block.nid(middle);
            } else if (order < 0) {
                last = middle - 1;
            } else {
                first = middle + 1;
            }
        }
        return ABSENT;
    }

    /** A cookie names the entry to go on with: block number, then its index in the block. */
    @Override
    public void readDirectory(long directory, long cookie, DirectorySink sink) throws IOException {
        Inode inode = directory(directory);
        long blocks = blockCount(inode);
        int index = (int) (cookie & ((1 << ENTRIES_PER_BLOCK_BITS) - 1));
        for (long number = cookie >>> ENTRIES_PER_BLOCK_BITS; number < blocks; number++) {
            Dirents block = direntBlock(inode, number);
            for (; index < block.count(); index++) {
                long next = index + 1 < block.count()
                        ? number << ENTRIES_PER_BLOCK_BITS | (index + 1)
                        : (number + 1) << ENTRIES_PER_BLOCK_BITS;
                if (!sink.entry(block.name(index), block.nid(index), block.type(index), next)) {
                    return;
                }
            }
            index = 0;
        }
    }

    @Override
    public MemorySegment symlinkTarget(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.SYMLINK) {
            throw new PosixError(Errno.EINVAL, "inode " + ino + " is no symbolic link");
        }
        if (inode.size() < 1 || inode.size() > MAX_SYMLINK) {
            throw new InvalidImage(
                    "inode " + ino + ": a link target of " + inode.size() + " bytes; 1 to " + MAX_SYMLINK);
        }
        return flatBlock(inode, 0);
    }

    @Override
    public @Nullable MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException {
        Inode inode = inode(ino);
        if (inode.xattrSize() == 0) {
            return null;
        }
        for (Xattrs.Xattr xattr : Xattrs.decode(image, inode.xattrOffset(), inode.xattrSize())) {
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
            for (Xattrs.Xattr xattr : Xattrs.decode(image, inode.xattrOffset(), inode.xattrSize())) {
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
        if (inode.layout() != Inode.CHUNK_BASED) {
            throw new InvalidImage(
                    "inode " + ino + ": a regular file must be chunk based, not layout " + inode.layout());
        }
        long size = inode.size();
        long index = inode.chunkIndexOffset();
        // Sizes near 2^63 must not overflow the sum.
        long chunks = size / chunkSize + (size % chunkSize == 0 ? 0 : 1);
        if (size < 0 || chunks > (image.byteSize() - index) / ChunkIndex.SIZE) {
            throw new InvalidImage("inode " + ino + ": the chunk index of a file of " + Long.toUnsignedString(size)
                    + " bytes does not fit the bootstrap");
        }
        return size;
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
        return blob << 24 | chunk;
    }

    @Override
    public long chunkOffset(long ino, long position) throws IOException {
        return ChunkIndex.block(image, chunkIndexEntry(ino, position)) << superblock.blockBits();
    }

    private long chunkIndexEntry(long ino, long position) throws InvalidImage {
        return inode(ino).chunkIndexOffset() + position * ChunkIndex.SIZE;
    }

    private Inode inode(long nid) throws InvalidImage {
        long offset = metadataStart + nid * Inode.SLOT;
        if (nid <= 0 || nid > image.byteSize() || offset < TablesV6.SUPERBLOCK_END) {
            throw new InvalidImage("inode number " + Long.toUnsignedString(nid) + " lies outside the metadata area");
        }
        return Inode.at(image, offset);
    }

    private Inode directory(long ino) throws IOException {
        Inode inode = inode(ino);
        if ((inode.mode() & Attributes.TYPE_MASK) != Attributes.DIRECTORY) {
            throw new PosixError(Errno.ENOTDIR, "inode " + ino + " is no directory");
        }
        return inode;
    }

    private long blockCount(Inode inode) throws InvalidImage {
        long size = inode.size();
        if (size < 0 || size > image.byteSize()) {
            throw new InvalidImage("directory at " + inode.offset() + ": " + Long.toUnsignedString(size)
                    + " bytes do not fit the bootstrap");
        }
        return (size + blockSize - 1) / blockSize;
    }

    private Dirents direntBlock(Inode inode, long number) throws InvalidImage {
        return Dirents.of(flatBlock(inode, number));
    }

    /** One block of a directory's or link's data; the last one lies behind the inode if the layout says so. */
    private MemorySegment flatBlock(Inode inode, long number) throws InvalidImage {
        long start = number * blockSize;
        long length = Math.min(blockSize, inode.size() - start);
        boolean last = start + length == inode.size();
        return switch (inode.layout()) {
            case Inode.FLAT_INLINE ->
                last
                        ? slice(inode.bodyOffset(), length)
                        : slice(((inode.union() & 0xFFFF_FFFFL) << superblock.blockBits()) + start, length);
            case Inode.FLAT_PLAIN -> slice(((inode.union() & 0xFFFF_FFFFL) << superblock.blockBits()) + start, length);
            default ->
                throw new InvalidImage("inode at " + inode.offset() + ": layout " + inode.layout()
                        + " is not one of a directory or link");
        };
    }

    private MemorySegment slice(long offset, long length) throws InvalidImage {
        return Fields.slice(image, offset, length, "directory or link data");
    }
}
