package io.rafsd.storage.chunkmap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.rafsd.error.CacheFailure;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * nydusd's {@code .chunk_map} file: a header of 4096 bytes, then one bit a chunk, the most significant of each byte first.
 *
 * <pre>
 * 0 u32 magic 0x424D4150   4 u32 version 1   8 u32 second magic 0x434D4150   12 u32 0x4D4D4150 when all are ready, else 0
 * 16 zero up to 4096       4096 the bits
 * </pre>
 *
 * <p>The file is shared with other processes that use the same cache directory: bits are read and written in a mapping of it,
 * so one that another process sets or clears counts at once, and is never undone by one who changes its neighbours. The file is allocated when it is made, so a
 * full disk shows then and not at a write. Safe for many threads.
 */
public final class FileChunkMap implements ChunkMap {

    private static final int HEADER_SIZE = 4096;
    private static final int MAGIC = 0x424D_4150;
    private static final int VERSION = 1;
    private static final int SECOND_MAGIC = 0x434D_4150;
    private static final int ALL_READY = 0x4D4D_4150;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long ALL_READY_AT = 12;
    private static final VarHandle BYTE = JAVA_BYTE.varHandle();
    /** Bytes cannot be changed atomically, words can. */
    private static final VarHandle WORD =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final long WORD_SIZE = Integer.BYTES;

    private final Fd file;
    private final int chunks;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment shared;

    private FileChunkMap(Fd file, int chunks) throws IOException {
        this.file = file;
        this.chunks = chunks;
        this.shared = map(file, size(chunks), arena);
    }

    /** The channel is gone before anybody could interrupt it; the mapping stays as long as its arena. */
    private static MemorySegment map(Fd file, long size, Arena arena) throws IOException {
        // By descriptor, not by name: the name may be another file's by now.
        try (FileChannel channel = FileChannel.open(
                Path.of("/proc/self/fd/" + file.number()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // The last word may end behind the file, never behind its last page.
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena)
                    .reinterpret((size + WORD_SIZE - 1) / WORD_SIZE * WORD_SIZE);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static long size(int chunkCount) {
        return HEADER_SIZE + (chunkCount + 7L) / 8;
    }

    /**
     * Opens the file, or makes it with no chunk ready.
     *
     * @throws CacheFailure if it is no chunk map for so many chunks; whoever owns the cache may delete it and open again
     */
    public static FileChunkMap open(Path path, int chunkCount) throws IOException {
        Fd file = Fd.open(path, Fd.O_RDWR | Fd.O_CREAT, 0644);
        try (Arena arena = Arena.ofConfined()) {
            long size = size(chunkCount);
            long found = file.size();
            if (found == 0) {
                file.truncate(size);
                file.allocate(0, 0, size);
                writeHeader(file, arena);
            } else if (found != size) {
                throw new CacheFailure("chunk map " + path + " has " + found + " bytes where " + chunkCount
                        + " chunks need " + size + "; delete it and the data beside it");
            }
            MemorySegment whole = arena.allocate(size, 8);
            file.preadFully(whole, 0);
            check(path, file, whole, arena);
            return new FileChunkMap(file, chunkCount);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void check(Path path, Fd file, MemorySegment whole, Arena arena) throws IOException {
        if (whole.get(U32, 0) != MAGIC) {
            // Two makers at once may leave a file of zeros; then nothing is ready, and the header is still to come.
            if (whole.mismatch(arena.allocate(whole.byteSize())) != -1) {
                throw new CacheFailure(
                        "chunk map " + path + " has not the magic 0x424d4150; delete it and the data beside it");
            }
            writeHeader(file, arena);
            whole.set(U32, 8, SECOND_MAGIC);
        }
        if (whole.get(U32, 4) >= VERSION && whole.get(U32, 8) != SECOND_MAGIC) {
            throw new CacheFailure("chunk map " + path + " has not its second magic; delete it and the data beside it");
        }
    }

    private static void writeHeader(Fd file, Arena arena) throws IOException {
        MemorySegment header = arena.allocate(16, 8);
        header.set(U32, 0, MAGIC);
        header.set(U32, 4, VERSION);
        header.set(U32, 8, SECOND_MAGIC);
        file.pwriteFully(header, 0);
        file.sync();
    }

    @Override
    public int chunkCount() {
        return chunks;
    }

    @Override
    public boolean isReady(int chunk) {
        return ((byte) BYTE.getVolatile(shared, byteOf(chunk)) & maskOf(chunk)) != 0 || areAllReady();
    }

    private boolean areAllReady() {
        return shared.get(U32, ALL_READY_AT) == ALL_READY;
    }

    @Override
    public int readyCount() {
        int count = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            count += isReady(chunk) ? 1 : 0;
        }
        return count;
    }

    @Override
    public void markReady(int chunk) throws IOException {
        if (!isReady(chunk)) {
            write(chunk, true);
        }
    }

    /** The file says so durably before this returns. */
    @Override
    public void clear(int chunk) throws IOException {
        if (isReady(chunk)) {
            clearAllReady();
            write(chunk, false);
            file.syncData();
        }
    }

    private void write(int chunk, boolean ready) {
        long at = byteOf(chunk);
        int inWord = (int) (at % WORD_SIZE);
        int mask = maskOf(chunk) << inWord * Byte.SIZE;
        if (ready) {
            int _ = (int) WORD.getAndBitwiseOr(shared, at - inWord, mask);
        } else {
            int _ = (int) WORD.getAndBitwiseAnd(shared, at - inWord, ~mask);
        }
    }

    /** A header that says that all are ready would outweigh the cleared bit; the bits themselves may never have been set. */
    private synchronized void clearAllReady() throws IOException {
        if (!areAllReady()) {
            return;
        }
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment set = scratch.allocate((chunks + 7L) / 8);
            for (int chunk = 0; chunk < chunks; chunk++) {
                long at = byteOf(chunk) - HEADER_SIZE;
                set.set(JAVA_BYTE, at, (byte) (set.get(JAVA_BYTE, at) | maskOf(chunk)));
            }
            file.pwriteFully(set, HEADER_SIZE);
            file.syncData();
            file.pwriteFully(scratch.allocate(Integer.BYTES), ALL_READY_AT);
        }
    }

    @Override
    public void close() {
        file.close();
        arena.close();
    }

    private static long byteOf(int chunk) {
        return (long) HEADER_SIZE + (chunk >>> 3);
    }

    private static int maskOf(int chunk) {
        return 0x80 >>> (chunk & 7);
    }
}
