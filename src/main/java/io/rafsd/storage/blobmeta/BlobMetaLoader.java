package io.rafsd.storage.blobmeta;

import io.rafsd.blob.BlobFeatures;
import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.TocEntry;
import io.rafsd.codec.AesXts;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.linux.Fd;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.ReadContext;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads chunk tables: from nydusd's {@code .blob.meta} file in the cache directory where that agrees with the bootstrap,
 * else from the blob, leaving the file for next time. One from the blob is checked against the blob's table of contents where
 * the image states the digest of that. The file holds the uncompressed table, zero padded to 4096, then the
 * header.
 */
public final class BlobMetaLoader {

    private static final Logger log = LoggerFactory.getLogger(BlobMetaLoader.class);
    private static final long PAGE = 4096;
    /** What is read on rather than asked for once more. */
    private static final long NEAR = 256 << 10;

    private static final long LARGE = 16 << 20;
    /** Chunk tables are numbers that differ, and dictionaries. */
    private static final long MAX_RATIO = 256;

    /** Loads of one table may be under way side by side, in this process and in others. */
    private static final AtomicLong LOADS = new AtomicLong();

    private BlobMetaLoader() {}

    /**
     * Loads the table of one blob. May block on the network.
     *
     * @param reader of the blob that holds the table
     * @param file where the table is or will be kept; null: nowhere
     * @throws InvalidImage if the table breaks a rule
     * @throws IntegrityFailure if it does not decompress, or has not the digest that the image states by the table of contents
     */
    public static BlobMeta load(BlobInfo blob, BlobReader reader, @Nullable Path file, ReadContext context)
            throws IOException {
        BlobMeta.requireSupported(blob);
        if (file != null && Files.exists(file)) {
            try {
                return read(blob, file);
            } catch (IOException e) {
                log.atWarn()
                        .addKeyValue("blob", blob.id())
                        .addKeyValue("file", file)
                        .log("chunk table on disk is not used: {}", e.getMessage());
            }
        }
        return fetch(blob, reader, file, context);
    }

    private static BlobMeta read(BlobInfo blob, Path file) throws IOException {
        Fd fd = Fd.open(file, Fd.O_RDONLY, 0);
        try {
            long size = blob.chunkTable().uncompressedSize();
            ChunkTableHeader header = header(fd, padded(size));
            header.requireAgreement(blob);
            long front = Contexts.bytesBeforeDictionaries(blob, header);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = arena.allocate(Math.max(1, front)).asSlice(0, front);
                fd.preadFully(bytes, 0);
                Dictionaries rest = front < size ? new Dictionaries.InFile(fd, front, size - front) : null;
                BlobMeta meta = BlobMeta.decode(blob, header, bytes, rest);
                if (rest == null) {
                    fd.close();
                }
                return meta;
            }
        } catch (IOException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static ChunkTableHeader header(Fd file, long offset) throws IOException {
        long expected = offset + ChunkTableHeader.SIZE;
        if (file.size() != expected) {
            throw new InvalidImage("it has " + file.size() + " bytes, " + expected + " expected");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(ChunkTableHeader.SIZE);
            file.preadFully(bytes, offset);
            return ChunkTableHeader.decode(bytes);
        }
    }

    private static BlobMeta fetch(BlobInfo blob, BlobReader reader, @Nullable Path file, ReadContext context)
            throws IOException {
        BlobInfo.ChunkTableLocation location = blob.chunkTable();
        try (Arena arena = Arena.ofShared()) {
            long needed = location.compressedSize() + ChunkTableHeader.SIZE;
            requirePlausible(blob, reader, arena, context);
            MemorySegment read = arena.allocate(needed + bytesToTail(blob, needed));
            reader.readFully(location.offset(), read, context);
            MemorySegment packed = decrypted(blob, read.asSlice(0, location.compressedSize()), arena);
            MemorySegment header =
                    decrypted(blob, read.asSlice(location.compressedSize(), ChunkTableHeader.SIZE), arena);
            ChunkTableHeader known = ChunkTableHeader.decode(header);
            known.requireAgreement(blob);
            long padded = padded(location.uncompressedSize());
            MemorySegment whole = arena.allocate(padded + ChunkTableHeader.SIZE);
            MemorySegment table = whole.asSlice(0, location.uncompressedSize());
            location.compressor().decompress(packed, table);
            if (TableOfContents.isStated(blob)) {
                TableOfContents contents = TableOfContents.check(
                        blob,
                        read.byteSize() > needed
                                ? read.asSlice(read.byteSize() - blob.tocSize())
                                : tail(blob, reader, arena, context));
                contents.require(TocEntry.CHUNK_TABLE, table);
                contents.require(TocEntry.CHUNK_TABLE_HEADER, header);
            }
            long front = Contexts.bytesBeforeDictionaries(blob, known);
            BlobMeta checked = BlobMeta.decode(
                    blob, known, table.asSlice(0, front), new Dictionaries.InMemory(table.asSlice(front)));
            MemorySegment.copy(header, 0, whole, padded, ChunkTableHeader.SIZE);
            if (file != null && keep(file, whole) && front < table.byteSize()) {
                return read(blob, file);
            }
            return front < table.byteSize() ? BlobMeta.decode(blob, known, table) : checked;
        }
    }

    /** Memory is taken by what the image says of the table: for much of it the blob has to agree first. */
    private static void requirePlausible(BlobInfo blob, BlobReader reader, Arena arena, ReadContext context)
            throws IOException {
        BlobInfo.ChunkTableLocation location = blob.chunkTable();
        if (location.uncompressedSize() <= LARGE) {
            return;
        }
        if (location.uncompressedSize() / MAX_RATIO > location.compressedSize()) {
            throw new InvalidImage("blob " + blob.id() + ": a chunk table of " + location.compressedSize()
                    + " bytes cannot have " + location.uncompressedSize() + " when it is decompressed");
        }
        MemorySegment header = arena.allocate(ChunkTableHeader.SIZE);
        reader.readFully(location.offset() + location.compressedSize(), header, context);
        ChunkTableHeader.decode(decrypted(blob, header, arena)).requireAgreement(blob);
    }

    /**
     * Bytes to read on so that a table of contents comes with the chunk table; 0 if there is none, or it does not lie near.
     * Digests of the chunks lie between them, and the bootstrap, which makes a blob's size uncertain.
     */
    private static long bytesToTail(BlobInfo blob, long needed) throws InvalidImage {
        if (!TableOfContents.isStated(blob)) {
            return 0;
        }
        TableOfContents.requireSize(blob);
        long more = blob.compressedSize() - blob.chunkTable().offset() - needed;
        boolean near = !blob.has(BlobFeatures.SEPARATE | BlobFeatures.INLINED_FS_META)
                && more >= blob.tocSize()
                && more <= NEAR;
        return near ? more : 0;
    }

    private static MemorySegment tail(BlobInfo blob, BlobReader reader, Arena arena, ReadContext context)
            throws IOException {
        long size = reader.size(context);
        if (size < blob.tocSize()) {
            throw new InvalidImage("blob " + blob.id() + ": a table of contents of " + blob.tocSize()
                    + " bytes does not lie in the blob with its chunk table, which has " + size);
        }
        MemorySegment bytes = arena.allocate(blob.tocSize());
        reader.readFully(size - blob.tocSize(), bytes, context);
        return bytes;
    }

    /** Table and header are each encrypted as chunks are. */
    private static MemorySegment decrypted(BlobInfo blob, MemorySegment stored, Arena arena) throws IntegrityFailure {
        AesXts cipher = blob.cipher();
        if (cipher == null) {
            return stored;
        }
        MemorySegment plain = arena.allocate(Math.max(1, stored.byteSize()));
        return plain.asSlice(0, cipher.decrypt(stored, plain));
    }

    /** Leaves the file for the next mount; that it cannot be kept fails nothing, and is answered. */
    private static boolean keep(Path file, MemorySegment bytes) {
        Path temporary = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + "." + LOADS.incrementAndGet() + ".part");
        try {
            try (Fd fd = Fd.open(temporary, Fd.O_RDWR | Fd.O_CREAT | Fd.O_TRUNC, 0644)) {
                fd.pwriteFully(bytes, 0);
                fd.sync();
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            log.atWarn().addKeyValue("file", file).log("chunk table could not be kept: {}", e.getMessage());
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            return false;
        }
    }

    private static long padded(long size) {
        return (size + PAGE - 1) / PAGE * PAGE;
    }
}
