package io.rafsd.demo.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Blobs as files, by digest. All repositories share them: what is in one can be read from any. Safe for many threads.
 */
final class BlobShelf {

    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final Path directory;
    private final Map<String, Path> files = new ConcurrentHashMap<>();

    /** @param directory where uploaded blobs are kept */
    BlobShelf(Path directory) {
        this.directory = directory;
    }

    /** Takes up a file where it lies and returns its digest; the file must stay as it is. */
    String reference(Path file) throws IOException {
        String digest = digest(file);
        files.put(digest, file);
        return digest;
    }

    /** Moves an uploaded file to its place, if it is what it should be. */
    void keep(Path upload, String digest) throws IOException {
        String found = digest(upload);
        if (!found.equals(digest)) {
            throw new Refusal(400, "DIGEST_INVALID", "the upload has the digest " + found + ", not " + digest);
        }
        Path file = directory.resolve(digest.substring(digest.indexOf(':') + 1));
        Files.move(upload, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        files.putIfAbsent(digest, file);
    }

    boolean has(String digest) {
        return files.containsKey(digest);
    }

    Path find(String digest) throws Refusal {
        if (!DIGEST.matcher(digest).matches()) {
            throw new Refusal(400, "DIGEST_INVALID", "'" + digest + "' is no sha256 digest");
        }
        Path file = files.get(digest);
        if (file == null) {
            throw new Refusal(404, "BLOB_UNKNOWN", "no blob " + digest);
        }
        return file;
    }

    static String digest(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(bytes));
    }

    private static String digest(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
