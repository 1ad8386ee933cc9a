package io.rafsd.image.local;

import io.rafsd.codec.Digest;
import io.rafsd.filesystem.Attributes;
import io.rafsd.rafs.layout.ChunkRecord;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts what images hold, by nydus-image's rules: several may be added up. For one thread. */
public final class ImageStatistics {

    private static final int FILE_SIZES = 45;
    private static final int MIN_CHUNK_BITS = 12;
    private static final int CHUNK_SIZES = 9;
    private static final int PAGE = 4096;

    /** Directories, regular files with all their names, symbolic links. */
    private long directories;

    private long files;
    private long symlinks;
    private long chunks;
    private long fileBytes;
    private long storedBytes;
    private long plainBytes;
    private long padding;
    private final long[] fileSizes = new long[FILE_SIZES];
    private final long[] chunkSizes = new long[CHUNK_SIZES];
    /** Each chunk once, with the number of images that have it. */
    private final Map<Digest, Known> known = new HashMap<>();

    /**
     * A chunk.
     *
     * @param stored bytes in its blob
     * @param plain bytes after decompression
     * @param images that have it
     */
    public record Known(long stored, long plain, int images) {}

    /** Adds an image. */
    public void add(RafsMetadata metadata) throws IOException {
        Set<Long> seen = new HashSet<>();
        Map<Digest, Known> own = new HashMap<>();
        ImageWalk.walk(metadata, entry -> {
            Attributes a = entry.attributes();
            switch (a.mode & Attributes.TYPE_MASK) {
                case Attributes.DIRECTORY -> directories++;
                case Attributes.SYMLINK -> symlinks++;
                case Attributes.REGULAR -> {
                    files++;
                    if (seen.add(a.ino)) {
                        addFile(metadata, a.ino, own);
                    }
                }
                default -> {
                    // Devices, fifos and sockets are not counted.
                }
            }
        });
        own.forEach((digest, chunk) ->
                known.merge(digest, chunk, (before, _) -> new Known(before.stored, before.plain, before.images + 1)));
    }

    private void addFile(RafsMetadata metadata, long ino, Map<Digest, Known> own) throws IOException {
        long size = metadata.fileSize(ino);
        fileSizes[Math.min(Long.SIZE - Long.numberOfLeadingZeros(size), FILE_SIZES - 1)]++;
        fileBytes += size;
        padding += -size & PAGE - 1;
        for (long position = 0; position * metadata.chunkSize() < size; position++) {
            ChunkRecord record = metadata.chunkRecord(ino, position);
            chunks++;
            if (record != null) {
                storedBytes += record.compressedSize();
                plainBytes += record.uncompressedSize();
                own.put(record.digest(), new Known(record.compressedSize(), record.uncompressedSize(), 1));
            }
        }
        for (int i = 0; i < CHUNK_SIZES; i++) {
            long unit = 1L << MIN_CHUNK_BITS + i;
            chunkSizes[i] += (size + unit - 1) / unit;
        }
    }

    public long directories() {
        return directories;
    }

    public long files() {
        return files;
    }

    public long symlinks() {
        return symlinks;
    }

    public long chunks() {
        return chunks;
    }

    /** Bytes of all files. */
    public long fileBytes() {
        return fileBytes;
    }

    /** Bytes of all chunks as they are stored. */
    public long storedBytes() {
        return storedBytes;
    }

    /** Bytes of all chunks with the padding to pages. */
    public long paddedBytes() {
        return plainBytes + padding;
    }

    public long padding() {
        return padding;
    }

    /** Files by the number of bits of their size. */
    public long[] fileSizes() {
        return fileSizes.clone();
    }

    /** How many chunks of 2^12, 2^13, ... bytes there would be. */
    public long[] chunkSizes() {
        return chunkSizes.clone();
    }

    /** Each chunk once. */
    public Map<Digest, Known> known() {
        return known;
    }
}
