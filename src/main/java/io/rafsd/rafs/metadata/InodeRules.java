package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Xattrs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * What an inode has to be before anything of it is used (RAFS format, section 5.3); the entries of a directory are
 * {@link DirectoryRules}'.
 *
 * @param image the whole bootstrap
 * @param chunkSize of the image
 * @param blockBits log2 of the block size
 */
record InodeRules(MemorySegment image, long chunkSize, int blockBits) {

    private static final int MAX_SYMLINK = 4096;

    /** @throws InvalidImage with the inode, its place and the rule that it breaks */
    void check(long nid, Inode inode) throws InvalidImage {
        require(nid, inode, inode.size() >= 0, "its size " + Long.toUnsignedString(inode.size()) + " is too large");
        xattrs(nid, inode);
        switch (inode.mode() & Attributes.TYPE_MASK) {
            case Attributes.REGULAR -> regular(nid, inode);
            case Attributes.DIRECTORY -> flat(nid, inode);
            case Attributes.SYMLINK -> symlink(nid, inode);
            case Attributes.FIFO, Attributes.SOCKET, Attributes.CHARACTER_DEVICE, Attributes.BLOCK_DEVICE -> {
                // No data, so no rules of it.
            }
            default ->
                throw broken(nid, inode, "mode 0" + Integer.toOctalString(inode.mode()) + " is of no known type");
        }
    }

    private void regular(long nid, Inode inode) throws InvalidImage {
        require(
                nid,
                inode,
                inode.layout() == Inode.CHUNK_BASED,
                "a regular file must be chunk based, not of layout " + inode.layout());
        int format = inode.union();
        require(
                nid,
                inode,
                (format & Inode.CHUNK_INDEXES) != 0 && (format & ~(Inode.CHUNK_INDEXES | Inode.CHUNK_UNIT)) == 0,
                "chunk format 0x" + Integer.toHexString(format) + " is not 0x20, entries of 8 bytes, and a unit");
        long size = inode.size();
        // Sizes near 2^63 must not overflow the sum.
        long chunks = size / chunkSize + (size % chunkSize == 0 ? 0 : 1);
        long room = image.byteSize() - inode.chunkIndexOffset();
        require(
                nid,
                inode,
                chunks <= room / ChunkIndex.SIZE,
                "the chunk index of a file of " + size + " bytes does not fit the bootstrap");
    }

    private FlatData flat(long nid, Inode inode) throws InvalidImage {
        require(
                nid,
                inode,
                inode.layout() == Inode.FLAT_PLAIN || inode.layout() == Inode.FLAT_INLINE,
                "layout " + inode.layout() + " is not one of a directory or link");
        FlatData data = new FlatData(image, inode, blockBits);
        long blocks = data.blocks();
        // All but the last lie side by side, so that first and last of these and the last are all there is to check.
        for (long number : new long[] {0, Math.max(0, blocks - 2), Math.max(0, blocks - 1)}) {
            data.block(number);
        }
        return data;
    }

    private void symlink(long nid, Inode inode) throws InvalidImage {
        long size = inode.size();
        require(
                nid,
                inode,
                size >= 1 && size <= MAX_SYMLINK,
                "a link target of " + size + " bytes is not one of 1 to " + MAX_SYMLINK);
        MemorySegment target = target(flat(nid, inode));
        for (long i = 0; i < target.byteSize(); i++) {
            require(nid, inode, target.get(Fields.U8, i) != 0, "its link target holds a NUL");
        }
    }

    /** The target of a link, in one piece also where it is longer than a block. */
    static MemorySegment target(FlatData data) throws InvalidImage {
        if (data.blocks() == 1) {
            return data.block(0);
        }
        byte[] target = new byte[(int) data.inode().size()];
        int filled = 0;
        for (long number = 0; number < data.blocks(); number++) {
            MemorySegment block = data.block(number);
            MemorySegment.copy(block, Fields.U8, 0, target, filled, (int) block.byteSize());
            filled += (int) block.byteSize();
        }
        return MemorySegment.ofArray(target).asReadOnly();
    }

    private void xattrs(long nid, Inode inode) throws InvalidImage {
        if (inode.xattrSize() == 0) {
            return;
        }
        Set<String> names = new HashSet<>();
        for (Xattr xattr : Xattrs.decode(image, inode.xattrOffset(), inode.xattrSize())) {
            String name = new String(xattr.name().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
            require(nid, inode, names.add(name), "xattr " + name + " is set twice");
        }
    }

    private static void require(long nid, Inode inode, boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw broken(nid, inode, text);
        }
    }

    private static InvalidImage broken(long nid, Inode inode, String text) {
        return new InvalidImage("inode " + nid + " at " + inode.offset() + ": " + text);
    }
}
