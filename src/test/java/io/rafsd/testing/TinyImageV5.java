package io.rafsd.testing;

import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.Xattr;
import io.rafsd.rafs.layout.v5.BlobEntry;
import io.rafsd.rafs.layout.v5.ExtendedBlobEntry;
import io.rafsd.rafs.layout.v5.Inode;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Superblock;
import io.rafsd.rafs.layout.v5.Xattrs;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * As {@link TinyImage}, of RAFS v5: the root holds a directory {@code d}, a regular file {@code f} of three chunks with an
 * extended attribute, and a link {@code l}; {@code d} holds {@code g}, which is {@code f} by another name.
 */
public final class TinyImageV5 {

    public static final int CHUNK_SIZE = 4096;
    public static final int CHUNKS = 3;
    public static final int FILE_SIZE = 2 * CHUNK_SIZE + 100;
    public static final long FLAGS =
            SuperblockFlags.COMPRESSION_NONE | SuperblockFlags.HASH_SHA256 | SuperblockFlags.HAS_XATTR;

    /** Indexes of the inodes. */
    public static final int ROOT = 1;

    public static final int DIRECTORY = 2;
    public static final int FILE = 3;
    public static final int LINK = 4;
    public static final int SECOND_NAME = 5;
    public static final int COUNT = 5;

    private static final int INODE_TABLE = (int) Superblock.SIZE;
    public static final int PREFETCH_TABLE = INODE_TABLE + 24;
    public static final int BLOB_TABLE = PREFETCH_TABLE + 8;
    private static final List<BlobEntry> BLOBS = List.of(new BlobEntry(0, 0, "b10b"));
    private static final int EXTENDED_TABLE = BLOB_TABLE + (int) BlobEntry.size(BLOBS);
    private static final int FIRST_INODE = EXTENDED_TABLE + (int) ExtendedBlobEntry.SIZE;
    private static final int STRIDE = 1024;
    private static final List<Xattr> XATTRS = List.of(new Xattr(segment("user.a"), segment("value")));

    public final MemorySegment bytes = MemorySegment.ofArray(new byte[FIRST_INODE + COUNT * STRIDE]);

    public TinyImageV5() {
        superblock(FLAGS, 1).encode(bytes);
        InodeTable table = new InodeTable(bytes.asSlice(INODE_TABLE, COUNT * InodeTable.ENTRY_SIZE));
        for (int index = 1; index <= COUNT; index++) {
            table.encode(index, offset(index));
        }
        bytes.set(Fields.U32, PREFETCH_TABLE, FILE);
        BlobEntry.encode(bytes.asSlice(BLOB_TABLE, BlobEntry.size(BLOBS)), BLOBS);
        new ExtendedBlobEntry(CHUNKS, 0, FILE_SIZE, FILE_SIZE).encode(bytes, EXTENDED_TABLE);
        file(FILE, ROOT, "f");
        file(SECOND_NAME, DIRECTORY, "g");
        inode(LINK, ROOT, LINK, Attributes.SYMLINK | 0777, 6, Inode.SYMLINK, 1, 0, 0, "l", "target", digest("target"));
        directory(DIRECTORY, ROOT, "d", SECOND_NAME, 1);
        directory(ROOT, 0, "/", DIRECTORY, 3);
    }

    /** Its superblock, with these flags, and with an extended blob table or without. */
    public Superblock superblock(long flags, int extendedBlobs) {
        return new Superblock(
                CHUNK_SIZE,
                flags,
                4,
                INODE_TABLE,
                PREFETCH_TABLE,
                BLOB_TABLE,
                COUNT,
                1,
                BlobEntry.size(BLOBS),
                extendedBlobs,
                extendedBlobs == 0 ? 0 : EXTENDED_TABLE);
    }

    /** Opens it as it is now. */
    public RafsMetadata open() throws IOException {
        return RafsMetadata.of(bytes);
    }

    /** Where the inode with this index begins. */
    public static long offset(int index) {
        return FIRST_INODE + (index - 1L) * STRIDE;
    }

    /** Where an entry of the inode table lies. */
    public static long tableEntry(int index) {
        return INODE_TABLE + (index - 1) * InodeTable.ENTRY_SIZE;
    }

    /** Where a chunk record of {@code f} begins, or of {@code g}. */
    public long chunk(int index, int position) {
        return new Inode(bytes, offset(index)).chunkOffset(position);
    }

    private void file(int index, int parent, String name) {
        byte[] digests = new byte[CHUNKS * Digest.SIZE];
        for (int i = 0; i < CHUNKS; i++) {
            new Digest(i, 0, 0, 0).write(MemorySegment.ofArray(digests), (long) i * Digest.SIZE);
        }
        Digest digest = DigestAlgorithm.SHA256.digest(MemorySegment.ofArray(digests));
        inode(index, parent, FILE, Attributes.REGULAR | 0644, FILE_SIZE, Inode.XATTR, 2, 0, CHUNKS, name, "", digest);
        Xattrs.encode(bytes, new Inode(bytes, offset(index)).xattrOffset(), XATTRS);
        for (int i = 0; i < CHUNKS; i++) {
            int size = i == CHUNKS - 1 ? FILE_SIZE - i * CHUNK_SIZE : CHUNK_SIZE;
            long at = (long) i * CHUNK_SIZE;
            ChunkRecord.encode(
                    bytes.asSlice(chunk(index, i), ChunkRecord.SIZE),
                    new Digest(i, 0, 0, 0),
                    0,
                    0,
                    size,
                    size,
                    at,
                    at,
                    at,
                    i,
                    0);
        }
    }

    private void directory(int index, int parent, String name, int firstChild, int children) {
        MemorySegment digests = MemorySegment.ofArray(new byte[children * Digest.SIZE]);
        for (int i = 0; i < children; i++) {
            new Inode(bytes, offset(firstChild + i)).digest().write(digests, (long) i * Digest.SIZE);
        }
        Digest digest = DigestAlgorithm.SHA256.digest(digests);
        int mode = Attributes.DIRECTORY | 0755;
        inode(index, parent, index, mode, 4096, 0, 2, firstChild, children, name, "", digest);
    }

    private void inode(
            int index,
            int parent,
            int ino,
            int mode,
            long size,
            long flags,
            int nlink,
            int childIndex,
            int childCount,
            String name,
            String target,
            Digest digest) {
        Inode.encode(
                bytes,
                offset(index),
                digest,
                parent,
                ino,
                1,
                2,
                mode,
                size,
                8,
                flags,
                nlink,
                childIndex,
                childCount,
                0,
                3,
                4,
                name.getBytes(StandardCharsets.ISO_8859_1),
                target.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Digest digest(String text) {
        return DigestAlgorithm.SHA256.digest(segment(text));
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
