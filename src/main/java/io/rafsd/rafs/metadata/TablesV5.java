package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U32;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.codec.Compression;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.SuperblockFlags;
import io.rafsd.rafs.layout.v5.BlobEntry;
import io.rafsd.rafs.layout.v5.ExtendedBlobEntry;
import io.rafsd.rafs.layout.v5.InodeTable;
import io.rafsd.rafs.layout.v5.Superblock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads and checks the tables of a RAFS v5 bootstrap (RAFS format, sections 1.2 to 1.6 and 5.2). */
final class TablesV5 {

    private static final long MIN_CHUNK = 1 << 12;
    private static final long MAX_CHUNK = 1 << 24;
    private static final long MAX_CHUNKS = 1 << 24;
    /** A packed chunk names its blob in a byte. */
    private static final int MAX_BLOBS = 255;

    private static final long MAX_UNCOMPRESSED = 1L << 44;
    private static final long MAX_COMPRESSED = 1L << 40;
    private static final int KNOWN_FEATURES = 0x7000_0FFF;

    private TablesV5() {}

    /** A part of the bootstrap. */
    private record Table(String name, long offset, long size) {}

    static void check(MemorySegment image, Superblock superblock) throws InvalidImage {
        require(
                image.byteSize() > Superblock.SIZE && image.byteSize() % 8 == 0,
                "a bootstrap of " + image.byteSize() + " bytes; more than " + Superblock.SIZE
                        + " and a multiple of 8 are needed");
        long flags = superblock.flags();
        require((flags & ~SuperblockFlags.KNOWN) == 0, "flags 0x" + Long.toHexString(flags) + " hold unknown bits");
        long chunk = superblock.chunkSize();
        require(
                Long.bitCount(chunk) == 1 && chunk >= MIN_CHUNK && chunk <= MAX_CHUNK,
                "chunk size " + chunk + " is no power of two from 4 KiB to 16 MiB");
        require(superblock.inodeTableEntries() > 0, "the inode table is empty");
        require(
                superblock.inodes() >= 0 && superblock.inodes() <= superblock.inodeTableEntries(),
                Long.toUnsignedString(superblock.inodes()) + " inodes in a table of " + superblock.inodeTableEntries());
        List<Table> tables = new ArrayList<>(List.of(
                new Table(
                        "inode table",
                        superblock.inodeTableOffset(),
                        superblock.inodeTableEntries() * InodeTable.ENTRY_SIZE),
                new Table("blob table", superblock.blobTableOffset(), superblock.blobTableSize()),
                new Table(
                        "extended blob table",
                        superblock.extendedOffset(),
                        superblock.extendedEntries() * ExtendedBlobEntry.SIZE),
                new Table("prefetch table", superblock.prefetchTableOffset(), superblock.prefetchTableEntries() * 4)));
        tables.removeIf(table -> table.size == 0);
        tables.sort(Comparator.comparingLong(Table::offset));
        Table before = new Table("superblock", 0, Superblock.SIZE);
        for (Table table : tables) {
            Fields.slice(image, table.offset, table.size, table.name);
            require(
                    table.offset % 8 == 0 && table.offset >= before.offset + before.size,
                    "the " + table.name + " at " + table.offset + " is not aligned to 8, or overlaps the "
                            + before.name);
            before = table;
        }
    }

    /** What is said of the blobs in the tables; {@link ListedChunks} completes what old images leave out. */
    static List<BlobInfo> blobs(MemorySegment image, Superblock superblock, BootstrapName name)
            throws InvalidImage, Unsupported {
        List<BlobEntry> entries = BlobEntry.decode(
                superblock.blobTableSize() == 0
                        ? image.asSlice(0, 0)
                        : image.asSlice(superblock.blobTableOffset(), superblock.blobTableSize()));
        if (entries.size() > MAX_BLOBS) {
            throw new Unsupported("superblock at 48: " + entries.size() + " blobs; up to " + MAX_BLOBS + " are read");
        }
        require(
                superblock.extendedEntries() == 0 || superblock.extendedEntries() >= entries.size(),
                "an extended blob table of " + superblock.extendedEntries() + " entries for " + entries.size()
                        + " blobs");
        List<BlobInfo> blobs = new ArrayList<>();
        Set<Object> ids = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            ExtendedBlobEntry extended = superblock.extendedEntries() == 0
                    ? new ExtendedBlobEntry(0, 0, 0, 0)
                    : ExtendedBlobEntry.at(image, superblock.extendedOffset() + i * ExtendedBlobEntry.SIZE);
            try {
                BlobInfo blob = blob(i, superblock, entries.get(i), extended, i == entries.size() - 1, name);
                require(ids.add(blob.id()), "its id " + blob.id() + " stands in the table twice");
                blobs.add(blob);
            } catch (InvalidImage e) {
                throw new InvalidImage("blob " + i + " of the blob table: " + e.getMessage(), e);
            }
        }
        return blobs;
    }

    private static BlobInfo blob(
            int i, Superblock superblock, BlobEntry entry, ExtendedBlobEntry extended, boolean last, BootstrapName name)
            throws InvalidImage {
        // The reference drops what it does not know, too.
        int features = extended.features() & KNOWN_FEATURES;
        require(extended.chunkCount() <= MAX_CHUNKS, "it has more than 2^24 chunks");
        require(
                extended.uncompressedSize() >= 0 && extended.uncompressedSize() <= MAX_UNCOMPRESSED,
                "its uncompressed size is above 16 TiB");
        require(
                extended.compressedSize() >= 0 && extended.compressedSize() <= MAX_COMPRESSED,
                "its compressed size is above 1 TiB");
        require(
                (features & (BlobFeatures.BATCH | BlobFeatures.ZRAN | BlobFeatures.ENCRYPTED | BlobFeatures.TARFS))
                        == 0,
                "features 0x" + Integer.toHexString(features) + " are those of RAFS v6");
        return new BlobInfo(
                name.idOf(entry.id(), features, last),
                i,
                (int) superblock.chunkSize(),
                (int) extended.chunkCount(),
                compressor(superblock.flags()),
                digester(superblock.flags()),
                features,
                extended.compressedSize(),
                extended.uncompressedSize(),
                BlobInfo.ChunkTableLocation.IN_BOOTSTRAP,
                0,
                null);
    }

    /** Old builders set no flag, and meant lz4. */
    private static Compression compressor(long flags) {
        if ((flags & SuperblockFlags.COMPRESSION_NONE) != 0) {
            return Compression.NONE;
        }
        if ((flags & SuperblockFlags.COMPRESSION_LZ4) != 0 || (flags & SuperblockFlags.COMPRESSIONS) == 0) {
            return Compression.LZ4_BLOCK;
        }
        return (flags & SuperblockFlags.COMPRESSION_GZIP) != 0 ? Compression.GZIP : Compression.ZSTD;
    }

    /** Old builders set no flag, and meant BLAKE3. */
    static DigestAlgorithm digester(long flags) {
        return (flags & SuperblockFlags.HASHES) == SuperblockFlags.HASH_SHA256
                ? DigestAlgorithm.SHA256
                : DigestAlgorithm.BLAKE3;
    }

    static List<Long> prefetch(MemorySegment image, Superblock superblock) throws InvalidImage {
        List<Long> inodes = new ArrayList<>();
        // An inode is listed once; a table of more is there to take memory.
        require(
                superblock.prefetchTableEntries() <= superblock.inodeTableEntries(),
                "a prefetch table of " + superblock.prefetchTableEntries() + " lists more than there are inodes");
        for (long i = 0; i < superblock.prefetchTableEntries(); i++) {
            long ino = Fields.unsigned(image.get(U32, superblock.prefetchTableOffset() + 4 * i));
            if (ino == 0) {
                break;
            }
            require(
                    ino <= superblock.inodeTableEntries(),
                    "entry " + i + " of the prefetch table names inode " + ino + " of "
                            + superblock.inodeTableEntries());
            inodes.add(ino);
        }
        return List.copyOf(inodes);
    }

    private static void require(boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage(text);
        }
    }
}
