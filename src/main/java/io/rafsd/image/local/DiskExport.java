package io.rafsd.image.local;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.error.Unsupported;
import io.rafsd.linux.Fd;
import io.rafsd.rafs.layout.Fields;
import io.rafsd.rafs.layout.v6.DeviceSlot;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Writes an image as one file that the kernel mounts by itself: the bootstrap, and the blobs where it says they lie. */
public final class DiskExport {

    private static final int BLOCK_BITS = 12;
    private static final int PAGE = 4096;

    private DiskExport() {}

    /**
     * Writes the disk.
     *
     * @throws Unsupported if the image is no RAFS v6 that says where its blobs lie on a disk
     */
    public static void write(LocalImage image, Path bootstrap, Path target) throws IOException {
        if (image.metadata().version() != 6) {
            throw new Unsupported("bootstrap " + bootstrap + " is RAFS v5, which the kernel does not mount; convert the"
                    + " image with fs-version 6");
        }
        try (Arena arena = Arena.ofConfined();
                Fd from = Fd.open(bootstrap, Fd.O_RDONLY, 0);
                Fd to = Fd.open(target, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_TRUNC, 0644)) {
            MemorySegment bytes = arena.allocate(from.size());
            from.preadFully(bytes, 0);
            to.pwriteFully(bytes, 0);
            long end = Fields.roundUp(bytes.byteSize(), PAGE);
            for (BlobInfo blob : image.metadata().blobs()) {
                DeviceSlot slot = DeviceSlot.at(bytes, blob.index());
                if (slot.mappedBlock() == 0) {
                    throw new Unsupported("bootstrap " + bootstrap + " does not say where blob " + blob.id()
                            + " lies on a disk; build the image anew");
                }
                long start = slot.mappedBlock() << BLOCK_BITS;
                copy(image, blob, to, start);
                end = Math.max(end, start + Fields.roundUp(blob.uncompressedSize(), PAGE));
            }
            to.truncate(end);
        }
    }

    private static void copy(LocalImage image, BlobInfo blob, Fd to, long start) throws IOException {
        ChunkTable table = image.chunkTable(blob.index());
        for (int chunk = 0; chunk < table.chunkCount(); chunk++) {
            to.pwriteFully(image.chunk(blob.index(), chunk), start + table.uncompressedOffset(chunk));
        }
    }
}
