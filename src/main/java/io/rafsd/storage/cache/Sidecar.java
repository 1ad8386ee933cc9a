package io.rafsd.storage.cache;

import io.rafsd.codec.Digest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileFacts;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Our own record of the chunks that we verified and wrote: {@code {id}.blob.data.rafsd}. Safe for many threads.
 *
 * <pre>
 *    0  magic "rafsd-cc"       32  birth seconds        64  boot id (16)
 *    8  version 1 (u32)        40  birth nanos (u32)    80  clean 1, else 0 (u32)
 *   12  chunk count (u32)      44  zero (u32)           84  CRC-32C of bytes 0 to 83 (u32)
 *   16  inode of the data      48  device
 *   24  zero                   56  zero                 4096  16 bytes a chunk:
 *                                                       CRC-32C (u32), mark "RCRD" (u32), first 8 bytes of its digest
 * </pre>
 *
 * Little endian. Records never cross a sector, and a record says nothing that depends on another. It is believed only if
 * it describes this very data file and either the kernel has not restarted since, or the file was closed cleanly. A
 * record is no proof: the bytes are compared with it once in every process before the first is served, so a stale one
 * costs a fetch and nothing else. Two processes may share the file: they write equal records for equal chunks, and one
 * that replaces the file takes only the other's records away.
 */
final class Sidecar implements AutoCloseable {

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long MAGIC = 0x63632d6473666172L;
    private static final int VERSION = 1;
    private static final int HEADER_SIZE = 88;
    private static final int CLEAN = 80;
    private static final int CHECKSUM = 84;
    private static final int RECORDS = 4096;
    private static final int RECORD_SIZE = 16;
    private static final int MARK = 0x44524352;

    private final Fd file;
    private final int chunks;
    private final FileFacts data;
    private final UUID boot;

    private Sidecar(Fd file, int chunks, FileFacts data, UUID boot) {
        this.file = file;
        this.chunks = chunks;
        this.data = data;
        this.boot = boot;
    }

    /** Opens the records of this data file, or starts afresh where there are none that may be believed. */
    static Sidecar open(Path path, int chunks, FileFacts data, UUID boot) throws IOException {
        Sidecar known = openKnown(path, chunks, data, boot);
        if (known != null) {
            return known;
        }
        Path temporary = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID() + ".part");
        Sidecar fresh = new Sidecar(Fd.open(temporary, Fd.O_RDWR | Fd.O_CREAT | Fd.O_EXCL, 0644), chunks, data, boot);
        try {
            fresh.file.truncate(fresh.size());
            fresh.writeHeader(false);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return fresh;
        } catch (IOException e) {
            fresh.file.close();
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    private static @Nullable Sidecar openKnown(Path path, int chunks, FileFacts data, UUID boot) throws IOException {
        if (!Files.exists(path)) {
            return null;
        }
        Sidecar known = new Sidecar(Fd.open(path, Fd.O_RDWR, 0), chunks, data, boot);
        try {
            if (known.isBelieved()) {
                known.writeHeader(false);
                return known;
            }
        } catch (IOException e) {
            known.file.close();
            throw e;
        }
        known.file.close();
        return null;
    }

    private boolean isBelieved() throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(HEADER_SIZE);
            if (file.size() != size() || file.pread(found, 0) != HEADER_SIZE) {
                return false;
            }
            boolean clean = found.get(U32, CLEAN) == 1;
            boolean sameBoot = found.get(U64, 64) == boot.getMostSignificantBits()
                    && found.get(U64, 72) == boot.getLeastSignificantBits();
            // Compared as a whole: what this process would write, but for the boot id and the flag.
            MemorySegment expected = arena.allocate(HEADER_SIZE);
            encode(expected, clean);
            return MemorySegment.mismatch(found, 0, 64, expected, 0, 64) == -1
                    && found.get(U32, CHECKSUM) == Checksums.crc32c(found.asSlice(0, CHECKSUM))
                    && (clean || sameBoot);
        }
    }

    private void encode(MemorySegment header, boolean clean) {
        header.set(U64, 0, MAGIC);
        header.set(U32, 8, VERSION);
        header.set(U32, 12, chunks);
        header.set(U64, 16, data.inode());
        header.set(U64, 32, data.birthSeconds());
        header.set(U32, 40, data.birthNanos());
        header.set(U64, 48, data.device());
        header.set(U64, 64, boot.getMostSignificantBits());
        header.set(U64, 72, boot.getLeastSignificantBits());
        header.set(U32, CLEAN, clean ? 1 : 0);
        header.set(U32, CHECKSUM, Checksums.crc32c(header.asSlice(0, CHECKSUM)));
    }

    private void writeHeader(boolean clean) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(HEADER_SIZE);
            encode(header, clean);
            file.pwriteFully(header, 0);
        }
    }

    private long size() {
        return RECORDS + (long) chunks * RECORD_SIZE;
    }

    /** Records a chunk whose bytes are written. */
    void record(int chunk, int crc32c, @Nullable Digest digest) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(RECORD_SIZE);
            encode(bytes, 0, crc32c, digest);
            file.pwriteFully(bytes, offset(chunk));
        }
    }

    /** Records chunks whose bytes are written. */
    void record(StoredRun run) throws PosixError {
        int count = run.chunks().size();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate((long) count * RECORD_SIZE);
            for (int i = 0; i < count; i++) {
                encode(
                        bytes,
                        (long) i * RECORD_SIZE,
                        Checksums.crc32c(run.chunks().get(i)),
                        run.digests().get(i));
            }
            file.pwriteFully(bytes, offset(run.firstChunk()));
        }
    }

    private static void encode(MemorySegment records, long at, int crc32c, @Nullable Digest digest) {
        records.set(U32, at, crc32c);
        records.set(U32, at + 4, MARK);
        records.set(U64, at + 8, prefix(digest));
    }

    /**
     * Whether we recorded the chunk with this checksum, as the chunk with this digest: an image that states another one
     * for the same chunk gets no use of the record.
     */
    boolean hasRecord(int chunk, int crc32c, @Nullable Digest digest) throws PosixError {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(RECORD_SIZE);
            return file.pread(bytes, offset(chunk)) == RECORD_SIZE
                    && bytes.get(U32, 0) == crc32c
                    && bytes.get(U32, 4) == MARK
                    && bytes.get(U64, 8) == prefix(digest);
        }
    }

    private static long prefix(@Nullable Digest digest) {
        return digest == null ? 0 : digest.a();
    }

    private static long offset(int chunk) {
        return RECORDS + (long) chunk * RECORD_SIZE;
    }

    /** Says that data and records are durable; after the data was synced. */
    void markClean() throws PosixError {
        file.syncData();
        writeHeader(true);
        file.syncData();
    }

    @Override
    public void close() {
        file.close();
    }
}
