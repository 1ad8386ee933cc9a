package io.rafsd.builder;

import io.rafsd.blob.BlobId;
import io.rafsd.codec.Digest;
import io.rafsd.codec.IndexedGzip;
import io.rafsd.error.InvalidRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a layer that an image refers to, a tar or tar.gz, and knows where in it each byte of content comes from. For one
 * thread.
 */
final class LayerReader implements AutoCloseable {

    private static final int BUFFER = 1 << 16;

    private final MessageDigest digest;
    private final InputStream file;
    private final @Nullable IndexedGzip gzip;
    private long size;
    private long given;
    private long begunAt;
    private long begunAtContent;
    private IndexedGzip.@Nullable Checkpoint begunFrom;

    LayerReader(Path layer) throws IOException {
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
            this.file = new BufferedInputStream(counted(Files.newInputStream(layer)), BUFFER);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } catch (NoSuchFileException e) {
            throw new InvalidRequest("archive " + layer + " does not exist", e);
        }
        file.mark(2);
        boolean compressed = file.read() == 0x1F && file.read() == 0x8B;
        file.reset();
        this.gzip = compressed ? new IndexedGzip(file) : null;
    }

    /** Counts and digests what is read. */
    private InputStream counted(InputStream layer) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = layer.read(target, offset, length);
                if (n > 0) {
                    digest.update(target, offset, n);
                    size += n;
                }
                return n;
            }

            @Override
            public void close() throws IOException {
                layer.close();
            }
        };
    }

    /** The tar. */
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return readContent(target, offset, length);
            }
        };
    }

    private int readContent(byte[] target, int offset, int length) throws IOException {
        int n = gzip == null ? file.read(target, offset, length) : gzip.read(target, offset, length);
        given += Math.max(0, n);
        return n;
    }

    /** The next byte of content is the first of a chunk. */
    void begin() {
        begunAtContent = given;
        begunAt = gzip == null ? given : gzip.position();
        begunFrom = gzip == null ? null : gzip.checkpoint();
    }

    /** The last byte of content was the last of the chunk. */
    LayerPlace end() throws IOException {
        if (gzip == null) {
            return new LayerPlace(null, begunAt, given, begunAtContent, given, given);
        }
        long end = Math.max(gzip.position(), begunAt + 1);
        // Readers that decode what ends where a member of the gzip file ends look for another member. So they are told
        // to
        // decode a byte more.
        boolean more = gzip.lookAhead();
        return new LayerPlace(
                begunFrom, begunAt, end, begunAtContent, Math.max(end, gzip.position()), given + (more ? 1 : 0));
    }

    /** Reads the rest of the file, which is part of what it is called by, and says which one it was. */
    ReferredLayer finish() throws IOException {
        content().transferTo(OutputStream.nullOutputStream());
        file.transferTo(OutputStream.nullOutputStream());
        BlobId id = new BlobId(Digest.of(digest.digest()).toString());
        return new ReferredLayer(id, size, gzip != null);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
