package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U64;

import io.rafsd.blob.TarHeader;
import io.rafsd.blob.TocEntry;
import io.rafsd.codec.Compression;
import io.rafsd.codec.Digest;
import io.rafsd.codec.DigestAlgorithm;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.Unsupported;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The bootstrap that a data blob holds: its last section, or the one that the table of contents at its end names (RAFS
 * format, sections 3.1 to 3.3).
 */
final class InlinedBootstrap {

    /** {@code LPFOOTER}, in the last block of a blob of nydus fs-version 7. */
    private static final long FOOTER_V7 = 0x5245_544F_4F46_504CL;

    private static final int BLOCK = 4096;
    private static final Digest NONE = new Digest(0, 0, 0, 0);
    /** Metadata is not compressed further: names and digests are most of it. */
    private static final long MAX_RATIO = 1024;

    private final Fd file;
    private final long fileSize;
    private final long maxSize;

    private InlinedBootstrap(Fd file, long fileSize, long maxSize) {
        this.file = file;
        this.fileSize = fileSize;
        this.maxSize = maxSize;
    }

    /**
     * Extracts it.
     *
     * @param maxSize bytes of the largest bootstrap
     * @return null if the file does not end as a blob with sections does
     * @throws InvalidImage if it does, but holds no bootstrap, or a broken one
     */
    static @Nullable MemorySegment extract(Fd file, long maxSize) throws IOException {
        return new InlinedBootstrap(file, file.size(), maxSize).extract();
    }

    private @Nullable MemorySegment extract() throws IOException {
        requireKnownFooter();
        if (fileSize < TarHeader.SIZE) {
            return null;
        }
        TarHeader last = TarHeader.decode(read(fileSize - TarHeader.SIZE, TarHeader.SIZE));
        if (last == null) {
            return null;
        }
        long start = fileSize - TarHeader.SIZE - last.size();
        require(start >= 0, "its last section, " + last.name() + " of " + last.size() + " bytes, is larger than it");
        return switch (last.name()) {
            case TocEntry.BOOTSTRAP -> {
                require(last.size() <= maxSize, "its bootstrap of " + last.size() + " bytes is too large");
                yield read(start, last.size());
            }
            case TocEntry.TOC -> extract(bootstrapEntry(start, last.size()));
            default ->
                throw new InvalidImage("a blob whose last section is '" + last.name() + "': it holds no bootstrap");
        };
    }

    private void requireKnownFooter() throws IOException {
        if (fileSize >= BLOCK && read(fileSize - BLOCK, Long.BYTES).get(U64, 0) == FOOTER_V7) {
            throw new Unsupported("a blob of nydus fs-version 7, which rafsd does not read; convert the image with"
                    + " fs-version 6");
        }
    }

    private TocEntry bootstrapEntry(long start, long size) throws IOException {
        require(
                size % TocEntry.SIZE == 0 && size <= TocEntry.MAX_TABLE,
                "its table of contents of " + size + " bytes has no whole entries, or too many");
        MemorySegment table = read(start, size);
        for (int i = 0; i < size / TocEntry.SIZE; i++) {
            TocEntry entry = TocEntry.at(table, i);
            if (entry.name().equals(TocEntry.BOOTSTRAP)) {
                return entry;
            }
        }
        throw new InvalidImage("a blob whose table of contents names no bootstrap");
    }

    private MemorySegment extract(TocEntry entry) throws IOException {
        require(
                entry.offset() >= 0 && entry.storedSize() >= 0 && entry.offset() <= fileSize - entry.storedSize(),
                "its bootstrap of " + Long.toUnsignedString(entry.storedSize()) + " bytes at "
                        + Long.toUnsignedString(entry.offset()) + " lies outside of it");
        require(
                entry.size() >= 0
                        && entry.size() <= maxSize
                        && entry.size() <= entry.storedSize() * MAX_RATIO + (1 << 20),
                "its bootstrap of " + entry.storedSize() + " bytes cannot have " + Long.toUnsignedString(entry.size())
                        + " when it is decompressed");
        Compression compression = entry.compression();
        if (compression == null) {
            throw new InvalidImage("a blob whose bootstrap is compressed in an unknown way");
        }
        MemorySegment stored = read(entry.offset(), entry.storedSize());
        MemorySegment plain = stored;
        if (compression != Compression.NONE) {
            plain = allocate(entry.size());
            decompress(compression, stored, plain, entry.offset());
        }
        Digest found = DigestAlgorithm.SHA256.digest(plain);
        require(
                entry.digest().equals(NONE) || found.equals(entry.digest()),
                "its bootstrap has the SHA-256 " + found + ", its table of contents says " + entry.digest());
        return plain;
    }

    private static void decompress(Compression compression, MemorySegment stored, MemorySegment plain, long offset)
            throws InvalidImage {
        try {
            compression.decompress(stored, plain);
        } catch (IntegrityFailure e) {
            throw new InvalidImage(
                    "a blob, not a bootstrap, and its bootstrap at " + offset + ": " + e.getMessage(), e);
        }
    }

    private MemorySegment read(long offset, long size) throws IOException {
        MemorySegment bytes = allocate(size);
        file.preadFully(bytes, offset);
        return bytes;
    }

    /** Freed by the collector, as every bootstrap is. */
    private static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(Math.max(1, size), BLOCK).asSlice(0, size);
    }

    private static void require(boolean rule, String text) throws InvalidImage {
        if (!rule) {
            throw new InvalidImage("a blob, not a bootstrap, and " + text);
        }
    }
}
