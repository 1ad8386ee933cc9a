package io.rafsd.image.pack;

import io.rafsd.codec.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A file with the SHA-256 of its bytes.
 *
 * @param file its bytes
 * @param digest as OCI writes it, {@code sha256:…}
 * @param size bytes
 */
record DigestedFile(Path file, String digest, long size) {

    /** Writes bytes to a stream. */
    @FunctionalInterface
    interface Writer {

        void write(OutputStream out) throws IOException;
    }

    /** Writes a file and digests it on the way. */
    static DigestedFile write(Path file, Writer writer) throws IOException {
        MessageDigest sha256 = sha256();
        try (OutputStream out = new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), sha256)) {
            writer.write(out);
        }
        return new DigestedFile(file, name(sha256), Files.size(file));
    }

    /** The digest so far, as OCI writes it. */
    static String name(MessageDigest sha256) {
        return "sha256:" + Digest.of(sha256.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
