package io.rafsd.image;

import io.rafsd.error.InvalidImage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The layer that holds a bootstrap: a tar, mostly gzipped, with the entry {@code image/image.boot}. */
final class BootstrapLayer {

    private static final String ENTRY = "image/image.boot";
    /** A bomb ends here. */
    private static final long MAX_BOOTSTRAP = 2L << 30;

    private static final long MAX_TAR = 4L << 30;

    private static final int GZIP_MAGIC = 0x1F8B;

    private BootstrapLayer() {}

    /** Extracts the bootstrap to {@code target}, which appears whole or not at all. */
    static void extract(Path layer, Path target) throws IOException {
        Path temporary = Files.createTempFile(target.toAbsolutePath().getParent(), "bootstrap", ".part");
        try {
            try (InputStream bytes = new BufferedInputStream(Files.newInputStream(layer));
                    TarArchiveInputStream tar = new TarArchiveInputStream(
                            new BoundedStream(isGzip(bytes) ? new GZIPInputStream(bytes) : bytes, MAX_TAR))) {
                copyBootstrap(tar, temporary);
            } catch (IOException e) {
                throw e instanceof InvalidImage
                        ? e
                        : new InvalidImage("the bootstrap layer is no tar: " + e.getMessage(), e);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void copyBootstrap(TarArchiveInputStream tar, Path target) throws IOException {
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            String name = entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
            if (!name.equals(ENTRY) || !entry.isFile()) {
                continue;
            }
            if (entry.getSize() > MAX_BOOTSTRAP) {
                throw new InvalidImage("the bootstrap layer states a bootstrap of " + entry.getSize() + " bytes");
            }
            try (OutputStream out = Files.newOutputStream(target)) {
                tar.transferTo(out);
            }
            return;
        }
        throw new InvalidImage("the bootstrap layer has no entry " + ENTRY);
    }

    private static boolean isGzip(InputStream bytes) throws IOException {
        bytes.mark(2);
        int magic = bytes.read() << 8 | bytes.read();
        bytes.reset();
        return magic == GZIP_MAGIC;
    }
}
