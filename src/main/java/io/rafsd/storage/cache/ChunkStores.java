package io.rafsd.storage.cache;

import io.rafsd.blob.BlobInfo;
import io.rafsd.error.CacheFailure;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileFacts;
import io.rafsd.storage.chunkmap.ChunkMap;
import java.io.IOException;
import java.nio.file.Files;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the cache files of a blob. Files that are not what they should be are removed and made afresh: they are a cache.
 * They are removed, not emptied, because another process may have them open.
 */
final class ChunkStores {

    private static final Logger log = LoggerFactory.getLogger(ChunkStores.class);

    private final ChunkMapOpener maps;
    private final UUID boot;

    ChunkStores(ChunkMapOpener maps, UUID boot) {
        this.maps = maps;
        this.boot = boot;
    }

    /** Never fails: where nothing can be kept, nothing is. */
    ChunkStore open(CacheFiles files, BlobInfo blob) {
        try {
            Files.createDirectories(files.directory());
            try {
                return openFiles(files, blob);
            } catch (CacheFailure e) {
                // Not for failures of the system: want of descriptors or memory must not cost a good cache.
                log.atWarn()
                        .addKeyValue("blob", blob.id())
                        .addKeyValue("directory", files.directory())
                        .log("cache files cannot be used and are made afresh: {}", e.getMessage());
                files.deleteRecords();
                Files.deleteIfExists(files.data());
                return openFiles(files, blob);
            }
        } catch (IOException e) {
            String reason = "nothing of blob " + blob.id() + " is kept in " + files.directory() + ": " + e.getMessage();
            log.atWarn()
                    .addKeyValue("blob", blob.id())
                    .addKeyValue("directory", files.directory())
                    .log(
                            "cache directory cannot be used, every read goes to the backend until the next mount; check"
                                    + " its permissions and free space: {}",
                            e.getMessage());
            return new NoChunkStore(reason);
        }
    }

    private FileChunkStore openFiles(CacheFiles files, BlobInfo blob) throws IOException {
        Fd data = openData(files, blob);
        try {
            ChunkMap map = maps.open(files.chunkMap(), blob.chunkCount());
            try {
                return new FileChunkStore(
                        data, map, Sidecar.open(files.sidecar(), blob.chunkCount(), FileFacts.of(data), boot));
            } catch (IOException | RuntimeException e) {
                map.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            data.close();
            throw e;
        }
    }

    private static Fd openData(CacheFiles files, BlobInfo blob) throws IOException {
        Fd data = Fd.open(files.data(), Fd.O_RDWR | Fd.O_CREAT, 0644);
        try {
            long size = data.size();
            if (size > blob.uncompressedSize()) {
                log.atWarn()
                        .addKeyValue("blob", blob.id())
                        .addKeyValue("file", files.data())
                        .log(
                                "cache file has {} bytes where the image says {}: it is another blob's, made afresh",
                                size,
                                blob.uncompressedSize());
                data.close();
                files.deleteRecords();
                Files.delete(files.data());
                data = Fd.open(files.data(), Fd.O_RDWR | Fd.O_CREAT, 0644);
                size = 0;
            } else if (size == 0) {
                // Bits of a map that outlived its data would each cost a hash to find out.
                files.deleteRecords();
            }
            if (size < blob.uncompressedSize()) {
                data.truncate(blob.uncompressedSize());
            }
            return data;
        } catch (IOException e) {
            data.close();
            throw e;
        }
    }
}
