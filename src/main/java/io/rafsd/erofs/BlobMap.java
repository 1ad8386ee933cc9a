package io.rafsd.erofs;

import io.rafsd.error.InvalidImage;
import io.rafsd.rafs.metadata.RafsMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which chunk lies where in one blob's uncompressed address space, as the image's files say, which is what the kernel goes
 * by; the device refuses a read where the blob's own chunk table says otherwise. Chunks that no file uses are not listed.
 * Immutable.
 */
final class BlobMap {

    private static final int CHUNK_BITS = 24;
    /** Block addresses of the metadata are 32 bits of blocks of at least this. */
    private static final int ADDRESS_BITS = 9;

    private final int chunkSize;
    /** Ascending; address in units of 512 bytes, then the index of the chunk. */
    private final long[] keys;

    private final int[] lengths;

    private BlobMap(int chunkSize, long[] keys) {
        this.chunkSize = chunkSize;
        this.keys = keys;
        this.lengths = new int[keys.length];
    }

    /**
     * The maps of all blobs of an image. Looks at every inode, so that the rules of all are checked before a kernel sees
     * one.
     *
     * @throws InvalidImage if chunks overlap, or one lies at two places
     */
    static List<BlobMap> of(RafsMetadata metadata) throws IOException {
        long[] files = RegularFiles.of(metadata);
        Keys[] found = new Keys[metadata.blobs().size()];
        Arrays.setAll(found, _ -> new Keys());
        for (long file : files) {
            long size = metadata.fileSize(file);
            for (long position = 0; position * metadata.chunkSize() < size; position++) {
                int packed = metadata.chunk(file, position);
                found[RafsMetadata.blobOf(packed)].add(key(metadata, file, position, packed));
            }
        }
        List<BlobMap> maps = new ArrayList<>();
        for (Keys keys : found) {
            maps.add(new BlobMap(metadata.chunkSize(), keys.sorted()));
        }
        for (long file : files) {
            measure(metadata, file, maps);
        }
        for (int blob = 0; blob < found.length; blob++) {
            maps.get(blob).check(blob);
        }
        return List.copyOf(maps);
    }

    private static void measure(RafsMetadata metadata, long file, List<BlobMap> maps) throws IOException {
        long size = metadata.fileSize(file);
        for (long position = 0; position * metadata.chunkSize() < size; position++) {
            int packed = metadata.chunk(file, position);
            BlobMap map = maps.get(RafsMetadata.blobOf(packed));
            int at = Arrays.binarySearch(map.keys, key(metadata, file, position, packed));
            long rest = size - position * metadata.chunkSize();
            map.lengths[at] = (int) Math.max(map.lengths[at], Math.min(rest, metadata.chunkSize()));
        }
    }

    private static long key(RafsMetadata metadata, long file, long position, int packed) throws IOException {
        return metadata.chunkOffset(file, position) >>> ADDRESS_BITS << CHUNK_BITS | RafsMetadata.indexOf(packed);
    }

    private void check(int blob) throws InvalidImage {
        for (int i = 1; i < keys.length; i++) {
            if (address(i) < address(i - 1) + lengths[i - 1] || chunk(i) <= chunk(i - 1)) {
                throw new InvalidImage("blob " + blob + ": chunk " + chunk(i) + " at " + address(i) + " follows chunk "
                        + chunk(i - 1) + " of " + lengths[i - 1] + " bytes at " + address(i - 1)
                        + ": they overlap, or are out of order");
            }
        }
    }

    int size() {
        return keys.length;
    }

    /** Position in this map of the first chunk that ends behind {@code offset}; {@link #size} if there is none. */
    int firstBehind(long offset) {
        int low = 0;
        int high = keys.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (address(middle) + lengths[middle] <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    int chunk(int position) {
        return (int) (keys[position] & (1 << CHUNK_BITS) - 1);
    }

    long address(int position) {
        return keys[position] >>> CHUNK_BITS << ADDRESS_BITS;
    }

    /** Bytes of the chunk that files use. */
    int length(int position) {
        return lengths[position];
    }

    /** Whether the next chunk follows without a gap. */
    boolean isFollowed(int position) {
        return position + 1 < keys.length
                && lengths[position] == chunkSize
                && chunk(position + 1) == chunk(position) + 1
                && address(position + 1) == address(position) + chunkSize;
    }

    /** Grows. */
    private static final class Keys {

        private long[] keys = new long[64];
        private int count;

        void add(long key) {
            if (count > 0 && keys[count - 1] == key) {
                return;
            }
            if (count == keys.length) {
                keys = Arrays.copyOf(keys, 2 * count);
            }
            keys[count++] = key;
        }

        /** Each once. */
        long[] sorted() {
            Arrays.sort(keys, 0, count);
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (i == 0 || keys[i] != keys[i - 1]) {
                    keys[kept++] = keys[i];
                }
            }
            return Arrays.copyOf(keys, kept);
        }
    }
}
