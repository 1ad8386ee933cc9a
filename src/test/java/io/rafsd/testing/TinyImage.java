package io.rafsd.testing;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.ChunkIndex;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.Dirents;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Inode;
import io.rafsd.rafs.layout.v6.Superblock;
import io.rafsd.rafs.layout.v6.Xattrs;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A bootstrap of a few kilobytes that tests break one rule of: the root holds a directory {@code d}, a regular file
 * {@code f} of three chunks with two extended attributes, and a link {@code l}; {@code d} holds the file {@code g}, which
 * is {@code f} by another name.
 */
public final class TinyImage {

    public static final int CHUNK_SIZE = 4096;
    public static final int CHUNKS = 3;
    public static final int FILE_SIZE = 2 * CHUNK_SIZE + 100;
    /** Also where node number 0 would lie. */
    public static final int BLOB_TABLE = 4096;

    /** Node numbers. */
    public static final int ROOT = 16;

    public static final int DIRECTORY = 32;
    public static final int FILE = 48;
    public static final int LINK = 64;
    private static final int CHUNK_TABLE = BLOB_TABLE + 80 * (int) Inode.SLOT;
    private static final int SIZE = CHUNK_TABLE + CHUNKS * (int) ChunkRecord.SIZE;

    public final MemorySegment bytes = MemorySegment.ofArray(new byte[SIZE]);

    /**
     * An entry of a directory.
     *
     * @param text the bytes of its name, as Latin text
     */
    public record Name(String text, long nid, int type) {

        byte[] bytes() {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    public TinyImage() {
        this(List.of(blob(new BlobId("b10b"), 0, CHUNKS)));
    }

    /** @param blobs at most two; the first has the chunks of {@code f} */
    public TinyImage(List<BlobInfo> blobs) {
        new Superblock(12, ROOT, 4, CHUNKS, BLOB_TABLE >> 12, blobs.size()).encode(bytes);
        extended(blobs.size());
        for (BlobInfo blob : blobs) {
            new DeviceSlot(blob.id().value(), CHUNKS, 0).encode(bytes, blob.index());
            BlobEntry.encode(bytes.asSlice(BLOB_TABLE + blob.index() * BlobEntry.SIZE, BlobEntry.SIZE), blob);
        }
        directory(ROOT, rootNames());
        directory(
                DIRECTORY,
                new Name(".", DIRECTORY, Attributes.DIRECTORY),
                new Name("..", ROOT, Attributes.DIRECTORY),
                new Name("g", FILE, Attributes.REGULAR));
        file(FILE_SIZE, Inode.CHUNK_INDEXES, xattr("user.a", "value"), xattr("system.posix_acl_access", ""));
        link("target");
        for (int i = 0; i < CHUNKS; i++) {
            ChunkRecord.encode(
                    bytes.asSlice(CHUNK_TABLE + i * ChunkRecord.SIZE, ChunkRecord.SIZE),
                    new Digest(i, 0, 0, 0),
                    0,
                    0,
                    CHUNK_SIZE,
                    CHUNK_SIZE,
                    (long) i * CHUNK_SIZE,
                    (long) i * CHUNK_SIZE,
                    0,
                    i,
                    0);
        }
    }

    /** Opens it as it is now. */
    public RafsMetadata open() throws IOException {
        return RafsMetadata.of(bytes);
    }

    public static Name[] rootNames() {
        return new Name[] {
            new Name(".", ROOT, Attributes.DIRECTORY),
            new Name("..", ROOT, Attributes.DIRECTORY),
            new Name("d", DIRECTORY, Attributes.DIRECTORY),
            new Name("f", FILE, Attributes.REGULAR),
            new Name("l", LINK, Attributes.SYMLINK)
        };
    }

    /** Where the inode with this number begins. */
    public static long offset(int nid) {
        return BLOB_TABLE + nid * Inode.SLOT;
    }

    private void extended(int blobs) {
        new ExtendedSuperblock(
                        SuperblockFlags.COMPRESSION_NONE | SuperblockFlags.HASH_SHA256 | SuperblockFlags.HAS_XATTR,
                        BLOB_TABLE,
                        blobs * BlobEntry.SIZE,
                        CHUNK_SIZE,
                        CHUNK_TABLE,
                        CHUNKS * ChunkRecord.SIZE,
                        0,
                        0)
                .encode(bytes);
    }

    /** A blob of chunks that are stored as they are. */
    public static BlobInfo blob(BlobId id, int index, int chunks) {
        long data = (long) chunks * CHUNK_SIZE;
        long table = chunks * 16L;
        return new BlobInfo(
                id,
                index,
                CHUNK_SIZE,
                chunks,
                Compression.NONE,
                DigestAlgorithm.SHA256,
                BlobFeatures.ALIGNED | BlobFeatures.CAP_TAR_TOC,
                data + table + 4096,
                data,
                new BlobInfo.ChunkTableLocation(Compression.NONE, data, table, table),
                0,
                null);
    }

    /** Writes a directory of one block, its entries in the order given. */
    public void directory(int nid, Name... names) {
        int size = names.length * Dirents.ENTRY_SIZE;
        for (Name name : names) {
            size += name.bytes().length;
        }
        inode(nid, Inode.FLAT_INLINE, Attributes.DIRECTORY | 0755, size, 0, List.of());
        MemorySegment block = bytes.asSlice(offset(nid) + Inode.EXTENDED_SIZE, size);
        int nameOffset = names.length * Dirents.ENTRY_SIZE;
        for (int i = 0; i < names.length; i++) {
            Name name = names[i];
            Dirents.encode(block, i, name.nid, name.type, name.bytes(), nameOffset);
            nameOffset += name.bytes().length;
        }
    }

    /** Writes {@code f}, whose chunks are those of the blob. */
    public void file(long size, int format, Xattr... xattrs) {
        inode(FILE, Inode.CHUNK_BASED, Attributes.REGULAR | 0644, size, format, List.of(xattrs));
        for (int i = 0; i < CHUNKS; i++) {
            chunk(i, List.of(xattrs), 0, i, i);
        }
    }

    /** Writes one entry of the chunk index of {@code f}. */
    public void chunk(int position, List<Xattr> xattrs, int blob, int chunk, long block) {
        ChunkIndex.encode(bytes, chunkIndex(xattrs) + position * ChunkIndex.SIZE, blob, chunk, block);
    }

    /** Where the chunk index of {@code f} begins. */
    private static long chunkIndex(List<Xattr> xattrs) {
        return Fields.roundUp(offset(FILE) + Inode.EXTENDED_SIZE + Xattrs.size(xattrs), 8);
    }

    /** Writes {@code l}. */
    public void link(String target) {
        byte[] text = target.getBytes(StandardCharsets.ISO_8859_1);
        inode(LINK, Inode.FLAT_INLINE, Attributes.SYMLINK | 0777, text.length, 0, List.of());
        MemorySegment.copy(text, 0, bytes, Fields.U8, offset(LINK) + Inode.EXTENDED_SIZE, text.length);
    }

    public static Xattr xattr(String name, String value) {
        return new Xattr(
                MemorySegment.ofArray(name.getBytes(StandardCharsets.ISO_8859_1)),
                MemorySegment.ofArray(value.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private void inode(int nid, int layout, int mode, long size, int union, List<Xattr> xattrs) {
        bytes.asSlice(offset(nid), 16 * Inode.SLOT).fill((byte) 0);
        Inode.encode(bytes, offset(nid), layout, Xattrs.size(xattrs), mode, size, union, nid, 1, 2, 3, 4, 1);
        Xattrs.encode(bytes, offset(nid) + Inode.EXTENDED_SIZE, xattrs);
    }
}
