package io.rafsd.image.local;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.blob.StoredUnit;
import io.rafsd.codec.Digest;
import io.rafsd.error.IntegrityFailure;
import io.rafsd.error.InvalidImage;
import io.rafsd.error.InvalidRequest;
import io.rafsd.linux.Fd;
import io.rafsd.rafs.metadata.RafsMetadata;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image with its blobs on local disk, read without cache and mount; every chunk is checked against its digest. For one
 * thread.
 */
public final class LocalImage implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final RafsMetadata metadata;
    private final Blobs place;
    private final Blob[] open;

    /**
     * Where blobs lie.
     *
     * @param directory that holds them under their ids, or null
     * @param file the only blob, or null
     */
    public record Blobs(@Nullable Path directory, @Nullable Path file) {

        Path of(BlobInfo blob) throws InvalidRequest {
            Path found = file != null
                    ? file
                    : directory == null ? null : directory.resolve(blob.id().value());
            if (found == null) {
                throw new InvalidRequest(
                        "the data of blob " + blob.id() + " is needed; say where it lies with --blob-dir or --blob");
            }
            if (!Files.isRegularFile(found)) {
                throw new InvalidRequest("blob " + blob.id() + " is not at " + found + "; fetch it there");
            }
            return found;
        }
    }

    /** A blob that is read, with the piece of it that was decoded last. */
    private static final class Blob {

        private final BlobInfo info;
        private final Fd file;
        private final ChunkTable table;
        private int decodedFrom = -1;
        private @Nullable MemorySegment decoded;

        private Blob(BlobInfo info, Fd file, ChunkTable table) {
            this.info = info;
            this.file = file;
            this.table = table;
        }
    }

    /** Opens an image; its blobs are opened when their data is needed. */
    public LocalImage(Path bootstrap, Blobs place) throws IOException {
        this.metadata = RafsMetadata.open(bootstrap);
        this.place = place;
        this.open = new Blob[metadata.blobs().size()];
    }

    public RafsMetadata metadata() {
        return metadata;
    }

    /** Where each chunk of a blob lies. */
    public ChunkTable chunkTable(int blob) throws IOException {
        return blob(blob).table;
    }

    /**
     * The bytes of one chunk, which are those of its digest.
     *
     * @return valid until the next call
     * @throws IntegrityFailure if the blob does not hold them
     */
    public MemorySegment chunk(int number, int index) throws IOException {
        Blob blob = blob(number);
        int size = blob.table.uncompressedSize(index);
        MemorySegment plain = decoded(blob, blob.table.unit(index)).asSlice(blob.table.offsetInUnit(index), size);
        Digest expected = metadata.chunkDigests(number).of(index);
        Digest found = blob.info.digester().digest(plain);
        if (expected != null && !expected.equals(found)) {
            throw new IntegrityFailure("blob " + blob.info.id() + ", chunk " + index + " at "
                    + blob.table.unit(index).offset() + ": its digest is " + found + ", the image states " + expected);
        }
        return plain;
    }

    private MemorySegment decoded(Blob blob, StoredUnit unit) throws IOException {
        MemorySegment known = blob.decoded;
        if (known != null && blob.decodedFrom == unit.firstChunk() && !unit.isSingle()) {
            return known;
        }
        MemorySegment stored =
                Arena.ofAuto().allocate(Math.max(1, unit.storedSize())).asSlice(0, unit.storedSize());
        MemorySegment plain = Arena.ofAuto().allocate(Math.max(1, unit.size())).asSlice(0, unit.size());
        try {
            blob.file.preadFully(stored, unit.offset());
            unit.encoding().decode(stored, plain);
        } catch (EOFException e) {
            throw new IntegrityFailure(
                    "blob " + blob.info.id() + " ends before its chunk " + unit.firstChunk() + " at " + unit.offset(),
                    e);
        } catch (IntegrityFailure e) {
            throw new IntegrityFailure(
                    "blob " + blob.info.id() + ", chunk " + unit.firstChunk() + " at " + unit.offset() + ": "
                            + e.getMessage(),
                    e);
        }
        blob.decoded = plain;
        blob.decodedFrom = unit.firstChunk();
        return plain;
    }

    private Blob blob(int number) throws IOException {
        if (number < 0 || number >= open.length) {
            throw new InvalidImage("a file names blob " + number + " of " + open.length);
        }
        Blob blob = open[number];
        if (blob == null) {
            blob = openBlob(number);
            open[number] = blob;
        }
        return blob;
    }

    private Blob openBlob(int number) throws IOException {
        BlobInfo info = metadata.blobs().get(number);
        Path path = place.of(info);
        ChunkTable table = metadata.chunkTable(number);
        if (table == null) {
            Path directory = place.file() == null ? place.directory() : null;
            try (LocalFsBackend backend =
                    new LocalFsBackend(new BackendConfig.LocalFs(directory, place.file(), List.of()))) {
                table = BlobMetaLoader.load(info, backend.blob(info.tableBlob()), null, ReadContext.onDemand(PATIENCE));
            }
        }
        return new Blob(info, Fd.open(path, Fd.O_RDONLY, 0), table);
    }

    @Override
    public void close() {
        for (Blob blob : open) {
            if (blob != null) {
                blob.file.close();
            }
        }
    }
}
