package io.rafsd.storage.backend.localfs;

import io.rafsd.blob.BlobId;
import io.rafsd.blob.ByteRange;
import io.rafsd.error.BackendFailure;
import io.rafsd.error.Errno;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.storage.backend.BlobReader;
import io.rafsd.storage.backend.BlobStream;
import io.rafsd.storage.backend.ReadContext;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One blob file, opened at the first read and kept open. A file that is not there is looked for again by the next read. */
final class LocalFsBlobReader implements BlobReader, AutoCloseable {

    private final BlobId id;
    private final List<Path> paths;
    private final DiskThreads threads;
    private volatile @Nullable Fd file;

    LocalFsBlobReader(BlobId id, List<Path> paths, DiskThreads threads) {
        this.id = id;
        this.paths = paths;
        this.threads = threads;
    }

    @Override
    public long size(ReadContext context) throws IOException {
        return threads.call(() -> file().size());
    }

    @Override
    public BlobStream open(ByteRange range, ReadContext context) throws IOException {
        if (file == null) {
            threads.call(this::file);
        }
        return new LocalFsBlobStream(range);
    }

    private Fd file() throws IOException {
        Fd known = file;
        return known == null ? openFirst() : known;
    }

    /** The first file that is there and not empty, as nydusd chooses. */
    private synchronized Fd openFirst() throws IOException {
        Fd known = file;
        if (known != null) {
            return known;
        }
        for (Path path : paths) {
            Fd candidate = openIfThere(path);
            if (candidate != null) {
                file = candidate;
                return candidate;
            }
        }
        throw new BackendFailure(
                BackendFailure.Kind.NOT_FOUND,
                "blob " + id + " is in none of the places tried: " + paths
                        + ". Put it there, or correct the localfs backend's dir, blob_file or alt_dirs");
    }

    private @Nullable Fd openIfThere(Path path) throws IOException {
        try {
            Fd candidate = Fd.open(path, Fd.O_RDONLY, 0);
            if (candidate.size() > 0) {
                return candidate;
            }
            candidate.close();
            return null;
        } catch (PosixError e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return null;
            }
            throw new BackendFailure(BackendFailure.Kind.FATAL, "blob " + id + ": " + e.getMessage(), e);
        }
    }

    /** After {@link DiskThreads#close}. */
    @Override
    public void close() {
        Fd known = file;
        if (known != null) {
            known.close();
        }
    }

    private final class LocalFsBlobStream implements BlobStream {

        private final ByteRange range;
        private long position;

        LocalFsBlobStream(ByteRange range) {
            this.range = range;
            this.position = range.offset();
        }

        @Override
        public void readFully(MemorySegment destination) throws IOException {
            try {
                threads.call(() -> {
                    file().preadFully(destination, position);
                    return position;
                });
                position += destination.byteSize();
            } catch (EOFException e) {
                throw new BackendFailure(
                        BackendFailure.Kind.FATAL,
                        "blob " + id + " is shorter than its image says, wanted bytes " + range.offset() + " to "
                                + range.end() + ": " + e.getMessage() + ". Copy the blob again",
                        e);
            } catch (PosixError e) {
                throw new BackendFailure(BackendFailure.Kind.RETRYABLE, "blob " + id + ": " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {}
    }
}
