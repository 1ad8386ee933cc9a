package io.rafsd.builder;

import io.rafsd.codec.Digest;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A blob while it is written: its id is the digest of its bytes, so it gets its name last. Unnamed, it is deleted. Small
 * pieces are gathered: a write each would cost more than the bytes.
 */
final class BlobFile implements AutoCloseable {

    private static final int GATHERED = 1 << 20;

    private final Path temporary;
    private final Fd fd;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment gathered = arena.allocate(GATHERED);
    private final MessageDigest digest;
    private int waiting;
    private long written;

    /** @param directory where it is to lie */
    BlobFile(Path directory) throws IOException {
        this.temporary = Files.createTempFile(directory, "blob", ".part");
        this.fd = Fd.open(temporary, Fd.O_WRONLY, 0);
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Bytes of the blob so far. */
    long size() {
        return written + waiting;
    }

    void append(MemorySegment bytes) throws PosixError {
        if (waiting + bytes.byteSize() > GATHERED) {
            flush();
        }
        if (bytes.byteSize() > GATHERED / 2) {
            flush();
            write(bytes);
        } else {
            MemorySegment.copy(bytes, 0, gathered, waiting, bytes.byteSize());
            waiting += (int) bytes.byteSize();
        }
    }

    private void flush() throws PosixError {
        int length = waiting;
        waiting = 0;
        if (length > 0) {
            write(gathered.asSlice(0, length));
        }
    }

    private void write(MemorySegment bytes) throws PosixError {
        fd.pwriteFully(bytes, written);
        ByteBuffer view = bytes.asByteBuffer();
        digest.update(view);
        written += bytes.byteSize();
    }

    /** Of the bytes appended until now. */
    Digest digestSoFar() throws PosixError {
        flush();
        try {
            return Digest.of(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's own SHA-256 can be cloned", e);
        }
    }

    /** Ends the blob. Nothing may be appended any more. */
    Digest digest() throws PosixError {
        flush();
        return Digest.of(digest.digest());
    }

    /** Gives the ended blob its name. */
    void moveTo(Path target) throws IOException {
        if (waiting > 0) {
            throw new IllegalStateException(waiting + " bytes of a blob were not written before it got its name");
        }
        OutputFile.publish(temporary, target);
    }

    @Override
    public void close() throws IOException {
        fd.close();
        arena.close();
        Files.deleteIfExists(temporary);
    }
}
