package io.rafsd.image.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The layer that holds a bootstrap and the chunk tables of its blobs: a gzipped tar (RAFS format, section 6.8). Owners,
 * names and times are fixed, so the same bootstrap gives the same layer.
 *
 * @param file the gzipped tar
 * @param diffId digest of the tar, not gzipped
 */
record BootstrapTar(DigestedFile file, String diffId) {

    private static final String DIRECTORY = "image/";
    private static final String BOOTSTRAP = DIRECTORY + "image.boot";
    private static final int DIRECTORY_MODE = 040755;
    private static final int FILE_MODE = 0100444;

    static BootstrapTar write(BuiltRafs image, Path target) throws IOException {
        MessageDigest tarDigest = DigestedFile.sha256();
        DigestedFile file = DigestedFile.write(target, out -> {
            GZIPOutputStream gzip = new GZIPOutputStream(out);
            writeTar(image, new DigestOutputStream(gzip, tarDigest));
            gzip.finish();
        });
        return new BootstrapTar(file, DigestedFile.name(tarDigest));
    }

    private static void writeTar(BuiltRafs image, OutputStream out) throws IOException {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.putArchiveEntry(entry(DIRECTORY, DIRECTORY_MODE, 0));
        tar.closeArchiveEntry();
        add(tar, BOOTSTRAP, image.bootstrap());
        for (BuiltRafs.Blob blob : image.blobs()) {
            add(tar, DIRECTORY + blob.id() + ".blob.meta", blob.chunkTable());
        }
        tar.finish();
    }

    private static void add(TarArchiveOutputStream tar, String name, Path file) throws IOException {
        tar.putArchiveEntry(entry(name, FILE_MODE, Files.size(file)));
        Files.copy(file, tar);
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, int mode, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(size);
        entry.setModTime(0);
        // Not who happens to pack.
        entry.setUserName("");
        entry.setGroupName("");
        return entry;
    }
}
