package io.rafsd.image.local;

import io.rafsd.blob.BlobInfo;
import io.rafsd.blob.ChunkTable;
import io.rafsd.linux.Fd;
import io.rafsd.storage.backend.BackendConfig;
import io.rafsd.storage.backend.ReadContext;
import io.rafsd.storage.backend.localfs.LocalFsBackend;
import io.rafsd.storage.blobmeta.BlobMetaLoader;
import io.rafsd.storage.cache.CacheFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Writes what a daemon that had read a whole image would have in its cache: the data uncompressed, every chunk checked, and
 * the chunk table. To be shipped to where the blobs are not.
 */
public final class CacheExport {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private CacheExport() {}

    /**
     * Writes the files of all blobs that lie in {@code blobs}; others are passed over.
     *
     * @param bootstrap of the image
     * @param blobs directory that holds blobs, and tables of blobs, under their ids
     * @param directory that receives the cache files
     */
    public static void write(Path bootstrap, Path blobs, Path directory) throws IOException {
        try (LocalImage image = new LocalImage(bootstrap, new LocalImage.Blobs(blobs, null));
                LocalFsBackend backend = new LocalFsBackend(new BackendConfig.LocalFs(blobs, null, List.of()))) {
            for (BlobInfo blob : image.metadata().blobs()) {
                if (Files.exists(blobs.resolve(blob.id().value()))) {
                    CacheFiles files = new CacheFiles(directory, blob.id());
                    Files.deleteIfExists(files.meta());
                    BlobMetaLoader.load(
                            blob, backend.blob(blob.tableBlob()), files.meta(), ReadContext.onDemand(PATIENCE));
                    writeData(image, blob, files.data());
                }
            }
        }
    }

    private static void writeData(LocalImage image, BlobInfo blob, Path file) throws IOException {
        ChunkTable table = image.chunkTable(blob.index());
        try (Fd data = Fd.open(file, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_TRUNC, 0644)) {
            data.truncate(blob.uncompressedSize());
            for (int chunk = 0; chunk < table.chunkCount(); chunk++) {
                data.pwriteFully(image.chunk(blob.index(), chunk), table.uncompressedOffset(chunk));
            }
        }
    }
}
