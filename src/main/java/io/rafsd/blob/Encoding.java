package io.rafsd.blob;

import io.rafsd.codec.AesXts;
import io.rafsd.codec.Compression;
import io.rafsd.codec.InflateWindow;
import io.rafsd.error.IntegrityFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** How stored bytes become those of chunks. Pure; safe for many threads. */
public sealed interface Encoding {

    /**
     * Decodes all of {@code stored} into exactly all of {@code plain}.
     *
     * @throws IntegrityFailure if that cannot be; {@code plain} is then undefined
     */
    void decode(MemorySegment stored, MemorySegment plain) throws IntegrityFailure;

    /** Stored as it is. */
    record Raw() implements Encoding {

        @Override
        public void decode(MemorySegment stored, MemorySegment plain) throws IntegrityFailure {
            Compression.NONE.decompress(stored, plain);
        }
    }

    /** Compressed on its own. */
    record Compressed(Compression compression) implements Encoding {

        @Override
        public void decode(MemorySegment stored, MemorySegment plain) throws IntegrityFailure {
            compression.decompress(stored, plain);
        }
    }

    /** The text before a window, to which inflating may refer back. */
    @FunctionalInterface
    interface Dictionary {

        /**
         * At most {@link InflateWindow#MAX_DICTIONARY} bytes.
         *
         * @param arena open as long as they are used
         * @throws IntegrityFailure if they are not to be had any more
         */
        MemorySegment read(Arena arena) throws IntegrityFailure;
    }

    /**
     * Part of a gzip file.
     *
     * @param bits see {@link InflateWindow}
     * @param previous see {@link InflateWindow}
     * @param dictionary read each time
     */
    record Window(int bits, int previous, Dictionary dictionary) implements Encoding {

        @Override
        public void decode(MemorySegment stored, MemorySegment plain) throws IntegrityFailure {
            try (Arena arena = Arena.ofConfined()) {
                new InflateWindow(bits, previous, dictionary.read(arena)).inflate(stored, plain);
            }
        }
    }

    /** Encrypted after it was encoded otherwise. */
    record Encrypted(AesXts cipher, Encoding inner) implements Encoding {

        @Override
        public void decode(MemorySegment stored, MemorySegment plain) throws IntegrityFailure {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment decrypted = arena.allocate(Math.max(1, stored.byteSize()));
                int size = cipher.decrypt(stored, decrypted);
                // What does not shrink is stored as it is, which a batch does not say once padding has made it longer.
                Encoding known = size == plain.byteSize() ? new Raw() : inner;
                known.decode(decrypted.asSlice(0, size), plain);
            }
        }
    }
}
