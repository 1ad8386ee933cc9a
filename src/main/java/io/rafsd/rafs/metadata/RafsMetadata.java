package io.rafsd.rafs.metadata;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkDigests;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.InvalidImage;
import io.rafsd.filesystem.Attributes;
import io.rafsd.filesystem.FileSystem.DirectorySink;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.SuperblockFacts;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of one image, whatever its version. Tables are checked when it is opened; an inode's own rules are checked
 * when it is used, and a violation is an {@link InvalidImage} then. The bootstrap's bytes were copied, so the file may be
 * changed or removed while the image is mounted. Safe for many threads; segments that it hands out stay valid as long as
 * anybody holds them.
 */
public sealed interface RafsMetadata permits RafsV5, RafsV6 {

    /** What {@link #child} answers for a name that is not there. */
    long ABSENT = -1;

    /**
     * Opens a bootstrap, or a data blob that holds one.
     *
     * @throws InvalidImage if it breaks a rule of the format
     * @throws io.rafsd.error.Unsupported if it is an image of a kind that is not read, which is named
     */
    static RafsMetadata open(Path bootstrap) throws IOException {
        return BootstrapFile.open(bootstrap);
    }

    /**
     * Reads a bootstrap that is in memory, and stays there unchanged as long as anybody uses it. As {@link #open} otherwise.
     */
    static RafsMetadata of(MemorySegment bootstrap) throws IOException {
        return BootstrapFile.decode(bootstrap, new BootstrapName(null, false));
    }

    /** What the superblock says. */
    SuperblockFacts facts();

    /** 5 or 6. */
    int version();

    /** The bootstrap as it was copied, read-only. */
    MemorySegment bytes();

    /** Bits of {@link io.rafsd.rafs.layout.SuperblockFlags}. */
    long flags();

    long rootIno();

    /** Inodes in the image, as its superblock says. */
    long inodeCount();

    /** Bytes of every chunk but a file's last. */
    int chunkSize();

    /** The blobs, by their index. */
    List<BlobInfo> blobs();

    /** The digests of a blob's chunks. */
    ChunkDigests chunkDigests(int blob);

    /** The chunk table of a blob, where the bootstrap holds it (v5); null where a blob does. */
    @Nullable
    ChunkTable chunkTable(int blob);

    /** Inodes to be fetched in advance, in order; the root means everything. Empty if the image names none. */
    List<Long> prefetchInodes();

    boolean hasExtendedAttributes();

    void attributes(long ino, Attributes found) throws IOException;

    /** The inode a name stands for in a directory, or {@link #ABSENT}. */
    long child(long directory, MemorySegment name) throws IOException;

    /** See {@link io.rafsd.filesystem.FileSystem#readDirectory}. */
    void readDirectory(long directory, long cookie, DirectorySink sink) throws IOException;

    MemorySegment symlinkTarget(long ino) throws IOException;

    @Nullable
    MemorySegment extendedAttribute(long ino, MemorySegment name) throws IOException;

    /** Names, each followed by a NUL byte. */
    byte[] extendedAttributeNames(long ino) throws IOException;

    /**
     * The regular file's size, having checked that it is one and that its chunk index lies inside the bootstrap.
     *
     * @throws io.rafsd.error.PosixError EISDIR or EINVAL for other kinds
     */
    long fileSize(long ino) throws IOException;

    /**
     * One chunk of a regular file, packed so that nothing is allocated: blob index in bits 24 to 31, index of the chunk in
     * the blob in bits 0 to 23. {@link #fileSize} has been called for this inode, and {@code position} is inside the file.
     *
     * @param position of the chunk in the file, counted from 0
     * @throws InvalidImage if it names no chunk of the image
     */
    int chunk(long ino, long position) throws IOException;

    /** Where that chunk begins in its blob's uncompressed address space, bytes. */
    long chunkOffset(long ino, long position) throws IOException;

    /**
     * What the bootstrap says of that chunk, if it does.
     *
     * @return null where only the blob's chunk table knows
     */
    @Nullable
    ChunkRecord chunkRecord(long ino, long position) throws IOException;

    /** Blob index of a packed chunk. */
    static int blobOf(int packed) {
        return packed >>> 24;
    }

    /** Index in its blob of a packed chunk. */
    static int indexOf(int packed) {
        return packed & 0xFF_FFFF;
    }
}
