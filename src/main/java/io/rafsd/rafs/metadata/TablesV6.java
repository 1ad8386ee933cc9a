package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U32;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobId;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.AesXts;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v6.BlobEntry;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import io.rafsd.rafs.layout.v6.ExtendedSuperblock;
import io.rafsd.rafs.layout.v6.Superblock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks the tables of a RAFS v6 bootstrap (RAFS format, sections 2.3 to 2.5 and 5.3). */
final class TablesV6 {

    static final long SUPERBLOCK_END = ExtendedSuperblock.OFFSET + ExtendedSuperblock.SIZE;

    private static final long PAGE = 4096;
    private static final long MIN_CHUNK = 1 << 12;
    private static final long MAX_CHUNK = 1 << 24;
    private static final long MAX_CHUNKS = 1 << 24;
    /** A chunk index names a blob by its index plus one, in a byte. */
    private static final int MAX_BLOBS = 255;

    private static final long MAX_UNCOMPRESSED = 1L << 44;
    private static final long MAX_COMPRESSED = 1L << 40;
    /** Bytes of the header that follows a chunk table in its blob. */
    private static final long TABLE_HEADER = 4096;

    private TablesV6() {}

    static void check(MemorySegment image, Superblock superblock, ExtendedSuperblock extended) throws InvalidImage {
        long flags = extended.flags();
        require((flags & ~SuperblockFlags.KNOWN) == 0, "flags 0x" + Long.toHexString(flags) + " hold unknown bits");
        require(Long.bitCount(flags & SuperblockFlags.COMPRESSIONS) == 1, "exactly one compression must be flagged");
        require(Long.bitCount(flags & SuperblockFlags.HASHES) == 1, "exactly one digest algorithm must be flagged");
        boolean tarfs = (flags & SuperblockFlags.TARTFS_MODE) != 0;
        require(superblock.blockBits() == (tarfs ? 9 : 12), "block size and tarfs flag contradict each other");
        long chunk = extended.chunkSize();
        require(
                Long.bitCount(chunk) == 1 && chunk >= MIN_CHUNK && chunk <= MAX_CHUNK,
                "chunk size " + chunk + " is no power of two from 4 KiB to 16 MiB");
        require(
                superblock.devices() <= MAX_BLOBS,
                superblock.devices() + " blobs; a chunk index can name " + MAX_BLOBS);
        long devicesEnd = DeviceSlot.OFFSET + superblock.devices() * DeviceSlot.SIZE;
        if (superblock.devices() > 0) {
            require(
                    extended.blobTableSize() == superblock.devices() * BlobEntry.SIZE,
                    "a blob table of " + extended.blobTableSize() + " bytes does not hold " + superblock.devices()
                            + " blobs");
            require(
                    extended.blobTableOffset() % PAGE == 0 && extended.blobTableOffset() >= devicesEnd,
                    "blob table at " + extended.blobTableOffset() + " overlaps the device table");
            Fields.slice(image, extended.blobTableOffset(), extended.blobTableSize(), "blob table");
        } else {
            require(extended.blobTableSize() == 0, "a blob table without devices");
        }
        require(
                extended.chunkTableSize() >= 0 && extended.chunkTableSize() % ChunkRecord.SIZE == 0,
                "chunk table size " + Long.toUnsignedString(extended.chunkTableSize()) + " is no multiple of "
                        + ChunkRecord.SIZE + " inside the bootstrap");
        if (extended.chunkTableSize() > 0) {
            Fields.slice(image, extended.chunkTableOffset(), extended.chunkTableSize(), "chunk table");
        }
        if (extended.prefetchTableOffset() != 0) {
            Fields.slice(image, extended.prefetchTableOffset(), extended.prefetchTableSize(), "prefetch table");
        }
        // Every inode has a name somewhere, and that takes more than a byte.
        require(
                superblock.inodes() > 0 && superblock.inodes() <= image.byteSize(),
                Long.toUnsignedString(superblock.inodes()) + " inodes do not fit a bootstrap of " + image.byteSize()
                        + " bytes");
    }

    static List<BlobInfo> blobs(
            MemorySegment image, Superblock superblock, ExtendedSuperblock extended, BootstrapName name)
            throws InvalidImage, Unsupported {
        List<BlobInfo> blobs = new ArrayList<>();
        Set<BlobId> ids = new HashSet<>();
        for (int i = 0; i < superblock.devices(); i++) {
            BlobEntry entry = BlobEntry.at(image, extended.blobTableOffset() + i * BlobEntry.SIZE);
            String id = entry.id();
            requireBlob(i, id.equals(DeviceSlot.at(image, i).blobId()), "its id differs from that of its device slot");
            BlobInfo blob = blob(i, entry, extended, id(i, entry, superblock, name), name);
            requireBlob(i, ids.add(blob.id()), "its id " + blob.id() + " stands in the table twice");
            blobs.add(blob);
        }
        return List.copyOf(blobs);
    }

    private static BlobId id(int i, BlobEntry entry, Superblock superblock, BootstrapName name) throws InvalidImage {
        try {
            return name.idOf(entry.id(), entry.features(), i == superblock.devices() - 1);
        } catch (InvalidImage e) {
            throw new InvalidImage("blob " + i + " of the blob table: " + e.getMessage(), e);
        }
    }

    private static BlobInfo blob(int i, BlobEntry entry, ExtendedSuperblock extended, BlobId id, BootstrapName name)
            throws InvalidImage, Unsupported {
        int features = entry.features();
        requireBlob(i, entry.index() == i, "it says it is blob " + entry.index());
        requireBlob(
                i,
                (features & BlobFeatures.INCOMPATIBLE_UNKNOWN) == 0,
                "features 0x" + Integer.toHexString(features) + " hold unknown incompatible bits");
        requireBlob(i, entry.chunkSize() == extended.chunkSize(), "its chunk size differs from the superblock's");
        requireBlob(i, entry.chunkCount() <= MAX_CHUNKS, "it has more than 2^24 chunks");
        requireBlob(i, within(entry.uncompressedSize(), MAX_UNCOMPRESSED), "its uncompressed size is above 16 TiB");
        requireBlob(i, within(entry.compressedSize(), MAX_COMPRESSED), "its compressed size is above 1 TiB");
        requireBlob(
                i,
                entry.uncompressedSize() % PAGE == 0 || (features & BlobFeatures.ALIGNED) == 0,
                "its uncompressed size is no multiple of " + PAGE);
        checkChunkTable(i, entry);
        requireBlob(
                i,
                (features & (BlobFeatures.BATCH | BlobFeatures.ZRAN | BlobFeatures.ENCRYPTED)) == 0
                        || (features & BlobFeatures.CHUNK_INFO_V2) != 0,
                "batch, zran and encryption need chunk table v2");
        requireBlob(i, within(entry.tocSize(), 1 << 16), "its table of contents is too large");
        Compression compressor = Compression.of(entry.compressor());
        Compression tableCompressor = Compression.of(entry.tableCompressor());
        DigestAlgorithm digester = DigestAlgorithm.of(entry.digester());
        if (compressor == null || tableCompressor == null || digester == null) {
            throw new InvalidImage("blob " + i + ": compressor " + entry.compressor() + ", " + entry.tableCompressor()
                    + " or digester " + entry.digester() + " is unknown");
        }
        Digest toc = entry.tocSize() == 0 ? null : entry.tocDigest();
        return new BlobInfo(
                id,
                i,
                (int) entry.chunkSize(),
                (int) entry.chunkCount(),
                compressor,
                digester,
                features,
                entry.compressedSize(),
                entry.uncompressedSize(),
                new BlobInfo.ChunkTableLocation(
                        tableCompressor,
                        entry.tableOffset(),
                        entry.tableCompressedSize(),
                        entry.tableUncompressedSize(),
                        tableBlob(entry, name),
                        entry.isSeparate() ? entry.metaSize() : 0),
                (int) entry.tocSize(),
                toc,
                cipher(i, entry));
    }

    /** The blob that holds the chunk table, if that is not the blob itself. */
    private static @Nullable BlobId tableBlob(BlobEntry entry, BootstrapName name) throws InvalidImage {
        if (!entry.isSeparate()) {
            return null;
        }
        return (entry.features() & BlobFeatures.INLINED_FS_META) != 0
                ? name.own()
                : new BlobId(entry.metaDigest().toString());
    }

    private static @Nullable AesXts cipher(int i, BlobEntry entry) throws InvalidImage, Unsupported {
        boolean encrypted = (entry.features() & BlobFeatures.ENCRYPTED) != 0;
        requireBlob(
                i,
                encrypted == (entry.cipher() != BlobEntry.NO_CIPHER),
                "its features and its cipher " + entry.cipher() + " do not agree on whether it is encrypted");
        requireBlob(
                i,
                !encrypted || (entry.features() & BlobFeatures.SEPARATE) == 0,
                "the place of its key holds the id of another blob");
        if (encrypted && entry.cipher() != BlobEntry.AES_128_XTS) {
            throw new Unsupported("blob " + i + " is encrypted by cipher " + entry.cipher()
                    + ", which this version does not read; only AES-128-XTS, " + BlobEntry.AES_128_XTS + ", is");
        }
        return encrypted ? entry.aesXts() : null;
    }

    /** What a blob says of its chunk table has to fit what it says of itself: memory is taken by these figures. */
    private static void checkChunkTable(int i, BlobEntry entry) throws InvalidImage {
        int features = entry.features();
        requireBlob(
                i,
                within(entry.tableOffset(), MAX_COMPRESSED)
                        && within(entry.tableCompressedSize(), MAX_CHUNKS * 64)
                        && within(entry.tableUncompressedSize(), MAX_CHUNKS * 64)
                        && entry.tableCompressedSize() <= entry.tableUncompressedSize(),
                "its chunk table has impossible sizes");
        if ((features & (BlobFeatures.TARFS | BlobFeatures.IS_CHUNKDICT_GENERATED)) != 0) {
            return;
        }
        requireBlob(
                i,
                (features & BlobFeatures.ALIGNED) == 0 || entry.chunkCount() <= entry.uncompressedSize() / PAGE,
                entry.chunkCount() + " chunks do not fit its uncompressed size " + entry.uncompressedSize());
        boolean more = (features & (BlobFeatures.BATCH | BlobFeatures.ZRAN | BlobFeatures.ENCRYPTED)) != 0;
        long wanted = entry.chunkCount() * ((features & BlobFeatures.CHUNK_INFO_V2) != 0 ? 24 : 16);
        requireBlob(
                i,
                entry.tableUncompressedSize() == wanted || more && entry.tableUncompressedSize() > wanted,
                "a chunk table of " + entry.tableUncompressedSize() + " bytes; " + entry.chunkCount() + " chunks take "
                        + wanted);
        // Before 2.2 builders counted only the data as the size of a blob; then the reader of the blob has to notice.
        boolean wholeSize = (features & BlobFeatures.CAP_TAR_TOC) != 0 && (features & BlobFeatures.SEPARATE) == 0;
        requireBlob(
                i,
                !wholeSize
                        || entry.tableOffset() + entry.tableCompressedSize() + TABLE_HEADER <= entry.compressedSize(),
                "its chunk table of " + entry.tableCompressedSize() + " bytes at " + entry.tableOffset()
                        + ", with a header of " + TABLE_HEADER + ", ends behind its size " + entry.compressedSize());
    }

    static List<Long> prefetch(MemorySegment image, ExtendedSuperblock extended, InodeArea area) throws InvalidImage {
        // Some old images have a size without an offset: that is no table.
        if (extended.prefetchTableOffset() == 0 || extended.prefetchTableSize() == 0) {
            return List.of();
        }
        MemorySegment table =
                Fields.slice(image, extended.prefetchTableOffset(), extended.prefetchTableSize(), "prefetch table");
        // An inode is listed once; a table of more is there to take memory.
        require(
                table.byteSize() / 4 <= area.limit(),
                "a prefetch table of " + table.byteSize() + " bytes lists more than there can be inodes");
        List<Long> inodes = new ArrayList<>();
        for (long at = 0; at + 4 <= table.byteSize(); at += 4) {
            long nid = Fields.unsigned(table.get(U32, at));
            if (nid == 0) {
                break;
            }
            area.inode(nid);
            inodes.add(nid);
        }
        return List.copyOf(inodes);
    }

    private static boolean within(long value, long limit) {
        return value >= 0 && value <= limit;
    }

    private static void require(boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("extended superblock at " + ExtendedSuperblock.OFFSET + ": " + text);
        }
    }

    private static void requireBlob(int blob, boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("blob " + blob + " of the blob table: " + text);
        }
    }
}
