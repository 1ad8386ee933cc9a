package io.rafsd.storage.blobmeta;

import io.rafsd.blob.Encoding;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * The dictionaries of a gzip file's windows, which lie behind the table of them. There are 32 KiB for every megabyte or so of
 * the file, 300 MiB for one of 10 GB: where the chunk table has a file they stay in it. Safe for many threads.
 */
sealed interface Dictionaries {

    /** Bytes of all of them. */
    long size();

    /** @throws IntegrityFailure if they cannot be read any more */
    MemorySegment read(long offset, int size, Arena arena) throws IntegrityFailure;

    /** One of them. */
    record Entry(Dictionaries all, long offset, int size) implements Encoding.Dictionary {

        @Override
        public MemorySegment read(Arena arena) throws IntegrityFailure {
            return all.read(offset, size, arena);
        }
    }

    /** @param bytes valid as long as anybody reads */
    record InMemory(MemorySegment bytes) implements Dictionaries {

        @Override
        public long size() {
            return bytes.byteSize();
        }

        @Override
        public MemorySegment read(long offset, int size, Arena arena) {
            return bytes.asSlice(offset, size);
        }
    }

    /** Read from the file each time, which costs a hundredth of inflating. The file is closed when nobody refers to them. */
    final class InFile implements Dictionaries {

        private static final Cleaner CLEANER = Cleaner.create();

        private final Fd file;
        private final long start;
        private final long size;

        /** @param file theirs from now on */
        InFile(Fd file, long start, long size) {
            this.file = file;
            this.start = start;
            this.size = size;
            CLEANER.register(this, file::close);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public MemorySegment read(long offset, int length, Arena arena) throws IntegrityFailure {
            MemorySegment bytes = arena.allocate(Math.max(1, length)).asSlice(0, length);
            try {
                file.preadFully(bytes, start + offset);
                return bytes;
            } catch (IOException e) {
                throw new IntegrityFailure(
                        "the dictionary of " + length + " bytes at " + (start + offset) + " of " + file
                                + " cannot be read: " + e.getMessage(),
                        e);
            } finally {
                // Else the file could be closed, and its number given away, while it is read.
                Reference.reachabilityFence(this);
            }
        }
    }
}
