package io.rafsd.rafs.metadata;

import static io.rafsd.rafs.layout.Fields.U32;

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

/** Copies a bootstrap off-heap and finds out what it is. */
final class BootstrapFile {

    /** Larger ones are refused before memory is taken; the largest image in the field has some 300 MB of metadata. */
    private static final long MAX_SIZE = 2L << 30;

    private static final int V5_MAGIC = 0x5241_4653;

    private BootstrapFile() {}

    static RafsMetadata open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NotFound(
                    "bootstrap " + file + " is no file that can be read; give the path of the image's bootstrap");
        }
        try (Fd fd = Fd.open(file, Fd.O_RDONLY, 0)) {
            long size = fd.size();
            if (size > MAX_SIZE) {
                throw new InvalidImage(
                        "bootstrap " + file + " has " + size + " bytes; more than " + MAX_SIZE + " is no bootstrap");
            }
            // Freed by the collector: a transport may still be writing from it when the image is unmounted.
            MemorySegment image =
                    Arena.ofAuto().allocate(Math.max(1, size), 4096).asSlice(0, size);
            fd.preadFully(image, 0);
            return decode(image);
        } catch (InvalidImage e) {
            throw new InvalidImage("bootstrap " + file + ": " + e.getMessage(), e);
        } catch (Unsupported e) {
            throw new Unsupported("bootstrap " + file + ": " + e.getMessage(), e);
        }
    }

    static RafsMetadata decode(MemorySegment image) throws IOException {
        if (image.byteSize() >= 4 && image.get(U32, 0) == V5_MAGIC) {
            throw new Unsupported("a RAFS v5 image, which this version does not read; convert it with fs-version 6");
        }
        if (Superblock.isErofs(image)) {
            return RafsV6.decode(image.asReadOnly());
        }
        throw new InvalidImage("neither the magic of RAFS v5 at 0 nor that of EROFS at " + Superblock.OFFSET
                + ": this is no bootstrap (is it a data blob?)");
    }
}
