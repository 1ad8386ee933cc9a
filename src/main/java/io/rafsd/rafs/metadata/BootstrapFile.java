package io.rafsd.rafs.metadata;

import io.rafsd.error.InvalidImage;
import io.rafsd.error.NotFound;
import io.rafsd.error.Unsupported;
import io.rafsd.linux.Fd;
import io.rafsd.rafs.layout.v6.Superblock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies a bootstrap off-heap, out of a data blob if that holds it, and finds out what it is. */
final class BootstrapFile {

    /** Larger ones are refused before memory is taken; the largest image in the field has some 300 MB of metadata. */
    private static final long MAX_SIZE = 2L << 30;

    private BootstrapFile() {}

    static RafsMetadata open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NotFound(
                    "bootstrap " + file + " is no file that can be read; give the path of the image's bootstrap");
        }
        try (Fd fd = Fd.open(file, Fd.O_RDONLY, 0)) {
            long size = fd.size();
            MemorySegment start = allocate(Math.min(size, Superblock.OFFSET + Superblock.SIZE));
            fd.preadFully(start, 0);
            if (isBootstrap(start)) {
                if (size > MAX_SIZE) {
                    throw new InvalidImage("it has " + size + " bytes; more than " + MAX_SIZE + " is no bootstrap");
                }
                MemorySegment image = allocate(size);
                fd.preadFully(image, 0);
                return decode(image, BootstrapName.of(file, false));
            }
            MemorySegment inlined = InlinedBootstrap.extract(fd, MAX_SIZE);
            return decode(inlined == null ? start : inlined, BootstrapName.of(file, true));
        } catch (InvalidImage e) {
            throw new InvalidImage("bootstrap " + file + ": " + e.getMessage(), e);
        } catch (Unsupported e) {
            throw new Unsupported("bootstrap " + file + ": " + e.getMessage(), e);
        }
    }

    private static boolean isBootstrap(MemorySegment image) {
        return io.rafsd.rafs.layout.v5.Superblock.isRafs(image) || Superblock.isErofs(image);
    }

    /** Freed by the collector: a transport may still be writing from it when the image is unmounted. */
    private static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(Math.max(1, size), 4096).asSlice(0, size);
    }

    /** @param name of the file it came from */
    static RafsMetadata decode(MemorySegment image, BootstrapName name) throws IOException {
        if (io.rafsd.rafs.layout.v5.Superblock.isRafs(image)) {
            return RafsV5.decode(image.asReadOnly(), name);
        }
        if (Superblock.isErofs(image)) {
            return RafsV6.decode(image.asReadOnly(), name);
        }
        throw new InvalidImage("neither the magic of RAFS v5 at 0 nor that of EROFS at " + Superblock.OFFSET
                + ", nor a bootstrap at its end, where some data blobs have one");
    }
}
