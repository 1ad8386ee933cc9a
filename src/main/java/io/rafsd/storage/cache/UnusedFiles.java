package io.rafsd.storage.cache;

import io.rafsd.blob.BlobId;
import io.rafsd.error.PosixError;
import io.rafsd.linux.Fd;
import io.rafsd.linux.FileFacts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cache files that lie in a directory, whoever left them. */
final class UnusedFiles {

    private UnusedFiles() {}

    /** The blobs with a data file in the directory; none where it cannot be listed. */
    static List<CacheFiles> in(Path directory) {
        List<CacheFiles> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                BlobId id = CacheFiles.blobOf(file);
                if (id != null) {
                    found.add(new CacheFiles(directory, id));
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return found;
    }

    static boolean exists(CacheFiles files) {
        return Files.exists(files.data());
    }

    static BlobCacheManager.CachedBlob describe(CacheFiles files) {
        return new BlobCacheManager.CachedBlob(files.id(), files.data(), 0, diskBytes(files), 0, 0, 0, 0);
    }

    private static long diskBytes(CacheFiles files) {
        try (Fd data = Fd.open(files.data(), Fd.O_RDONLY, 0)) {
            return FileFacts.of(data).diskBytes();
        } catch (PosixError e) {
            return 0;
        }
    }
}
