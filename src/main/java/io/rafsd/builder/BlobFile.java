package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import io.rafsd.codec.Digest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A blob while it is written: its id is the digest of its bytes, so it gets its name last. Unnamed, it is deleted. */
final class BlobFile implements AutoCloseable {

    private final Path directory;
    private final Path temporary;
    private final Fd fd;
    private final MessageDigest digest;
    private long size;

    BlobFile(Path directory) throws IOException {
        this.directory = directory;
        this.temporary = Files.createTempFile(directory, "blob", ".part");
        this.fd = Fd.open(temporary, Fd.O_WRONLY, 0);
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Bytes written. */
    long size() {
        return size;
    }

    void append(MemorySegment bytes) throws PosixError {
        fd.pwriteFully(bytes, size);
        digest.update(bytes.asByteBuffer());
        size += bytes.byteSize();
    }

    /** Ends the blob and names it by its digest. */
    BlobId name() throws IOException {
        BlobId id = new BlobId(Digest.of(digest.digest()).toString());
        Files.move(
                temporary,
                directory.resolve(id.value()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        return id;
    }

    @Override
    public void close() throws IOException {
        fd.close();
        Files.deleteIfExists(temporary);
    }
}
