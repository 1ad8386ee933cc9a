package io.rafsd.app.cli.image;

import io.rafsd.blob.BlobInfo;
import io.rafsd.builder.BuiltImage;
import io.rafsd.builder.ImageTarget;
import io.rafsd.error.InvalidRequest;
import io.rafsd.image.local.CacheExport;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where an image is built of which only bootstrap and cache files are wanted: the blob lies in a directory of its own, which
 * goes in the end.
 *
 * @param caches receives the cache files
 * @param blobs for what is built meanwhile
 */
record BlobCacheTarget(Path caches, Path blobs) implements AutoCloseable {

    static BlobCacheTarget in(Path caches) throws IOException {
        if (!Files.isDirectory(caches)) {
            throw new InvalidRequest("directory for cache files " + caches + " does not exist; make it first");
        }
        return new BlobCacheTarget(caches, Files.createTempDirectory(caches, "build"));
    }

    ImageTarget image(Path bootstrap) {
        return new ImageTarget(blobs, null, bootstrap, false);
    }

    /**
     * Writes the cache files.
     *
     * @param source of the image, which is its blob where the image refers to it
     */
    void export(BuiltImage built, boolean refers, Path source) throws IOException {
        if (refers) {
            for (BlobInfo blob : built.blobTable()) {
                Path named = blobs.resolve(blob.id().value());
                if (!Files.exists(named)) {
                    Files.createSymbolicLink(named, source.toAbsolutePath());
                }
            }
        }
        CacheExport.write(built.bootstrap(), blobs, caches);
    }

    @Override
    public void close() throws IOException {
        try (DirectoryStream<Path> built = Files.newDirectoryStream(blobs)) {
            for (Path file : built) {
                Files.delete(file);
            }
        }
        Files.delete(blobs);
    }
}
